import { formOf, NumberedNames } from '../trace/numbered-names.js';
import type { Bottleneck, Summary } from '../summary.js';
import { defined } from '../sums.js';
import { renameInTraces } from './merge-traces.js';

type Named = Pick<Bottleneck, 'service' | 'name'>;

/** Returns the summaries with the names that their rows have where all are one. */
export function renamed(summaries: readonly Summary[]): readonly Summary[] {
  const nameOf = namesIn(summaries);
  const rename = <T extends Named>(named: T): T => {
    const name = nameOf(named);
    return name === named.name ? named : { ...named, name };
  };
  const renameSegment = <T extends { segment: string; service?: string }>(of: T): T => {
    const segment = nameOf({ name: of.segment, service: of.service ?? '' });
    return segment === of.segment ? of : { ...of, segment };
  };
  return summaries.map((summary) => ({
    ...summary,
    bottlenecks: summary.bottlenecks.map(rename),
    errors: summary.errors.map(renameSegment),
    ...defined({
      entryPoints: summary.entryPoints?.map(rename),
      lateSegments: summary.lateSegments?.map(renameSegment),
      pictures: summary.pictures && {
        ...summary.pictures,
        ...renameInTraces(summary.pictures, rename),
        callPaths: summary.pictures.callPaths.map(rename),
      },
    }),
  }));
}

/**
 * Returns what to call rows where all summaries are one, by which numbers in names are data: each process may have
 * seen few. Where one has seen many and kept them apart, a function of the user's grouped its names.
 */
function namesIn(summaries: readonly Summary[]): (named: Named) => string {
  const all = new NumberedNames();
  const apart = new Set<string>();
  for (const { bottlenecks } of summaries) {
    const own = new NumberedNames();
    for (const { service, name } of bottlenecks) {
      own.add(service, name);
      all.add(service, name);
    }
    for (const row of bottlenecks) {
      const isCall = row.inputTokens !== undefined;
      if (isCall || own.nameOf(row.service, row.name) !== row.name) apart.add(formKey(row));
    }
  }
  return (named) => {
    return apart.has(formKey(named)) ? named.name : all.nameOf(named.service, named.name);
  };
}

function formKey({ service, name }: Named): string {
  return `${service}\n${formOf(name)}`;
}
