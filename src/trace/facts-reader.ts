import { nameWithoutSecrets } from '../secrets.js';
import type { ByReader } from './by-attributes.js';
import { groupName as groupByDefault, groupSafely, type GroupName } from './group-name.js';
import { ByName } from './row-names.js';
import { shortName } from './short-name.js';
import { readSpanFacts } from './span-facts.js';
import { addFacts, type SpanFacts, type SpanKindName } from './span-record.js';

/** Names of spans without attributes whose group is remembered. */
const MAX_REMEMBERED = 4_000;

/** Reads what the analysis needs of a span. */
export type ReadFacts = (
  kind: SpanKindName,
  attributes: Readonly<Record<string, unknown>>,
  name: string,
  scope?: string,
  resource?: Readonly<Record<string, unknown>>,
) => SpanFacts;

/** Reads facts, and what spans are grouped by. */
export function factsReaderBy(
  by: ByReader,
  groupName: GroupName | undefined,
  warn: (text: string) => void,
): ReadFacts {
  const read = factsReader(groupName, warn);
  if (by.keys.length === 0) return read;
  return (kind, attributes, name, scope, resource) => {
    const facts = read(kind, attributes, name, scope);
    const values = by.read(attributes, resource);
    return values === undefined ? facts : addFacts(facts, { by: values });
  };
}

/**
 * Reads facts, and has a function of the user's name the rows, which then are not grouped any further. It is
 * asked about each span, but once about those without attributes of one name and kind.
 *
 * @param warn is told that the function fails
 */
export function factsReader(
  groupName: GroupName | undefined,
  warn: (text: string) => void,
): ReadFacts {
  if (groupName === undefined) return readSpanFacts;
  const remembered = new ByName<string>(MAX_REMEMBERED);
  return (kind, attributes, name, scope) => {
    const facts = readSpanFacts(kind, attributes, name, scope);
    if (facts.llmCall !== undefined) return facts;
    const told = facts.rowName ?? name;
    const isBare = isEmpty(attributes);
    let group = isBare ? remembered.get(kind, told) : undefined;
    if (group === undefined) {
      const clean = nameWithoutSecrets(shortName(told));
      group = shortName(groupSafely(clean, { kind, attributes }, groupName, warn));
      if (isBare) remembered.add(kind, told, group);
    }
    return group === told ? facts : addFacts(facts, { rowName: group });
  };
}

/** How to group the names that {@link factsReader} gave. */
export function groupOf(groupName: GroupName | undefined): (name: string) => string {
  return groupName === undefined ? groupByDefault : (name) => name;
}

function isEmpty(attributes: Readonly<Record<string, unknown>>): boolean {
  for (const _ in attributes) return false;
  return true;
}
