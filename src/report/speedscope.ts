import { singleLine } from '../format.js';
import type { CallPath, PictureTrace, Summary } from '../summary.js';
import { Frames, pairsOf, pathLabel, requirePictures, stacksOf } from './frames.js';

type Stack = readonly number[];

/** A profile of the format: weights of stacks, in the order of time if they have one. */
interface SampledProfile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'seconds' | 'none';
  readonly startValue: number;
  readonly endValue: number;
  readonly samples: readonly Stack[];
  readonly weights: readonly number[];
}

const MEASURES: readonly {
  readonly name: string;
  readonly unit: SampledProfile['unit'];
  readonly of: (path: CallPath) => number;
}[] = [
  { name: 'critical time of all traces', unit: 'seconds', of: (path) => path.criticalSeconds },
  { name: 'self time of all traces', unit: 'seconds', of: (path) => path.selfSeconds },
  { name: 'cost of all traces, in US dollars', unit: 'none', of: ({ costUsd = 0 }) => costUsd },
];

/**
 * Prints a summary in the file format of speedscope (https://www.speedscope.app/file-format-schema.json): critical time,
 * self time and cost by call path, and the critical path of each whole trace in the order of time.
 */
export function toSpeedscope(summary: Summary, version: string): string {
  const { callPaths, traces } = requirePictures(summary);
  const frames = new Frames();
  const stacks = stacksOf(callPaths, (path) => frames.numberOf(pathLabel(path)));
  const profiles = MEASURES.flatMap(({ name, unit, of }) => {
    const weighed = callPaths.map((path, at) => [stacks[at]!, of(path)] as const);
    return sampledProfile(name, unit, weighed);
  });
  for (const trace of traces) {
    const name = `critical path of ${singleLine(trace.name)} ${trace.traceId}, ${trace.why}`;
    profiles.push(...sampledProfile(name, 'seconds', criticalSections(trace, frames)));
  }
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: `hotspan ${version}`,
    name: summary.services.map((service) => singleLine(service)).join(', '),
    activeProfileIndex: 0,
    shared: { frames: frames.labels.map((name) => ({ name })) },
    profiles,
  });
}

/** Returns nothing if there is no weight, which the viewer does not accept. */
function sampledProfile(
  name: string,
  unit: SampledProfile['unit'],
  weighed: readonly (readonly [stack: Stack, weight: number])[],
): SampledProfile[] {
  const used = weighed.filter(([, weight]) => weight > 0);
  if (used.length === 0) return [];
  const weights = used.map(([, weight]) => weight);
  const endValue = weights.reduce((sum, weight) => sum + weight, 0);
  const samples = used.map(([stack]) => stack);
  return [{ type: 'sampled', name, unit, startValue: 0, endValue, samples, weights }];
}

function criticalSections({ spans }: PictureTrace, frames: Frames): [Stack, number][] {
  const stacks: Stack[] = [];
  const sections: { readonly from: number; readonly stack: Stack; readonly seconds: number }[] = [];
  for (const { parent, name, critical = [] } of spans) {
    const above = parent === undefined ? undefined : stacks[parent];
    const stack = [...(above ?? []), frames.numberOf(singleLine(name))];
    stacks.push(stack);
    for (const [from, to] of pairsOf(critical)) sections.push({ from, stack, seconds: to - from });
  }
  sections.sort((a, b) => a.from - b.from);
  return sections.map(({ stack, seconds }) => [stack, seconds]);
}
