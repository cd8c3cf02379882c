import { defined, sumOf } from '../sums.js';
import { groupBounded, groupBy, OTHER } from '../bounded.js';
import { MAX_SEGMENTS, mostTime } from './cpu-profile-table.js';
import type { FunctionTime, SegmentCpuProfile } from '../summary.js';

/**
 * Returns one profile for each segment and service, the most time first: sums of all. A function that one
 * process did not list, because it took little time there, lacks that little.
 */
export function mergeCpuProfiles(profiles: readonly SegmentCpuProfile[]): SegmentCpuProfile[] {
  const keyOf = ({ service = '', segment }: SegmentCpuProfile) => `${service}\n${segment}`;
  const sizeOf = ({ seconds }: SegmentCpuProfile) => seconds;
  const groups = groupBounded(profiles, MAX_SEGMENTS, `\n${OTHER}`, keyOf, sizeOf);
  return groups
    .map(({ items, isOther }) => mergeSegment(items, isOther))
    .sort((a, b) => b.seconds - a.seconds);
}

function mergeSegment(profiles: readonly SegmentCpuProfile[], isOther: boolean): SegmentCpuProfile {
  const { segment, service } = profiles[0]!;
  const seconds = sumOf(profiles, (profile) => profile.seconds) ?? 0;
  const note = profiles.find((profile) => profile.note !== undefined)?.note;
  return {
    segment: isOther ? OTHER : segment,
    ...(isOther ? {} : defined({ service })),
    calls: sumOf(profiles, ({ calls }) => calls) ?? 0,
    seconds,
    samples: sumOf(profiles, ({ samples }) => samples) ?? 0,
    exact: profiles.every(({ exact }) => exact),
    ...defined({ note }),
    functions: mergeFunctions(profiles, seconds),
  };
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
