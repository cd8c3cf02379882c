import { defined, sumOf } from '../sums.js';
import { groupBounded, groupBy, OTHER } from '../bounded.js';
import { MAX_SEGMENTS, mostTime } from './cpu-profile-table.js';
import type { FunctionTime, SegmentCpuProfile } from '../summary.js';

/**
 * Returns one profile for each segment and service, the most time first: sums of all. A function that one
 * process did not list, because it took little time there, lacks that little.
 */
export function mergeCpuProfiles(profiles: readonly SegmentCpuProfile[]): SegmentCpuProfile[] {
  type Named = Pick<SegmentCpuProfile, 'service' | 'segment'>;
  const keyOf = ({ service = '', segment }: Named) => `${service}\n${segment}`;
  const other: Named = { segment: OTHER };
  const sizeOf = ({ seconds }: SegmentCpuProfile) => seconds;
  return groupBounded(profiles, MAX_SEGMENTS, other, keyOf, sizeOf)
    .map(({ items, named: { segment, service }, size: seconds }) => ({
      segment,
      ...defined({ service }),
      calls: sumOf(items, ({ calls }) => calls) ?? 0,
      seconds,
      samples: sumOf(items, ({ samples }) => samples) ?? 0,
      exact: items.every(({ exact }) => exact),
      ...defined({ note: items.find(({ note }) => note !== undefined)?.note }),
      functions: mergeFunctions(items, seconds),
    }))
    .sort((a, b) => b.seconds - a.seconds);
}

function mergeFunctions(profiles: readonly SegmentCpuProfile[], seconds: number): FunctionTime[] {
  const placeOf = ({ name, file, line }: FunctionTime) => `${name}\n${file ?? ''}\n${line ?? ''}`;
  const functions = profiles.flatMap((profile) => profile.functions);
  const merged = [...groupBy(functions, placeOf).values()].map((same) => {
    const selfSeconds = sumOf(same, (each) => each.selfSeconds) ?? 0;
    return {
      ...same[0]!,
      samples: sumOf(same, ({ samples }) => samples) ?? 0,
      selfSeconds,
      totalSeconds: sumOf(same, (each) => each.totalSeconds) ?? 0,
      share: seconds > 0 ? selfSeconds / seconds : 0,
    };
  });
  return mostTime(merged);
}
