import { mergeSummaries } from '../summaries/merge-summaries.js';
import type { Summary } from '../summary.js';
import { BadInputError } from '../errors.js';
import { readSources } from '../readers/read-summary.js';
import { nameOf, requireOneStdin } from '../readers/source-name.js';
import { printable } from '../format.js';
import { savedSummaryKind, readPackedSummary } from '../readers/packed-summary.js';
import { checkSavedSummary, readSavedSummary } from '../readers/saved-summary.js';
import type { SourceOptions } from './sources.js';

/**
 * Reads sources of any kind as one summary: traces are analyzed together, saved summaries merged with
 * them.
 *
 * @throws BadInputError when a source cannot be read or holds something else
 */
export async function loadSummary(
  sources: readonly string[],
  options: SourceOptions,
): Promise<Summary> {
  const [summary] = await loadSummaries([sources], options);
  return summary!;
}

/**
 * Reads several groups of sources, each as {@link loadSummary} does. What chooses traces chooses among
 * those of all groups that hold traces.
 *
 * @throws BadInputError when a source cannot be read, or there are no traces to choose from
 */
export async function loadSummaries(
  groups: readonly (readonly string[])[],
  options: SourceOptions,
): Promise<Summary[]> {
  requireOneStdin(groups.flat());
  const loaded: Loaded[] = [];
  for (const sources of groups) loaded.push(await load(sources, options));
  if (loaded.every(({ traces }) => traces === undefined)) {
    refuseToChoose(loaded[0]!.firstSaved, options);
  }
  return loaded.map(({ traces, saved }) => {
    const all = traces === undefined ? saved : [traces, ...saved];
    return all.length === 1 ? all[0]! : mergeSummaries(all);
  });
}

/** What a group of sources held. */
interface Loaded {
  readonly traces: Summary | undefined;
  readonly saved: readonly Summary[];
  /** The name of the first source that is a saved summary. */
  readonly firstSaved: string | undefined;
}

async function load(sources: readonly string[], options: SourceOptions): Promise<Loaded> {
  const { service, since, name, limit } = options;
  const saved: Summary[] = [];
  const others: string[] = [];
  let firstSaved: string | undefined;
  for (const source of sources) {
    const kind = savedSummaryKind(source);
    if (kind === undefined) {
      others.push(source);
      continue;
    }
    firstSaved ??= source;
    saved.push(kind === 'packed' ? await readPackedSummary(source) : readSavedSummary(source));
  }
  if (others.length === 0) return { traces: undefined, saved, firstSaved };
  const choice = { service, since, name, limit };
  const traces = await readSources(others, choice, {
    optionPrefix: '--',
    // What comes by a pipe shows what it is when it is read.
    onSavedSummary: ({ where, summary }) => {
      firstSaved ??= where;
      saved.push(checkSavedSummary(summary, where));
    },
  });
  return { traces, saved, firstSaved };
}

function refuseToChoose(where = '', { service, since, name }: SourceOptions): void {
  const option = Object.entries({ service, since, name }).find(([, value]) => value !== undefined);
  if (option === undefined) return;
  const expected = `expected traces to choose from by --${option[0]}, but it is a saved summary`;
  throw new BadInputError(`${printable(nameOf(where))}: ${expected}`);
}
