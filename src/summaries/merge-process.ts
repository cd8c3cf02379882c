import { defined, sumOf } from '../sums.js';
import { Largest } from '../bounded.js';
import type { OpenSegment, Delivery, Summary } from '../summary.js';

/** As many as one process tells of. */
const MAX_RUNNING = 20;

/** What was running in each process, how its spans fared, and which traces it chose: of all together. */
export function mergeProcesses(
  summaries: readonly Summary[],
): Pick<Summary, 'running' | 'delivery' | 'sampled'> {
  const running = summaries.flatMap((each) => each.running ?? []);
  const deliveries = summaries.flatMap(({ delivery }) => delivery ?? []);
  const sampled = summaries.flatMap((each) => each.sampled ?? []);
  const longest = new Largest<OpenSegment>(MAX_RUNNING, ({ seconds }) => seconds);
  for (const segment of running.flatMap((each) => each.longest)) longest.offer(segment);
  return {
    ...(running.length === 0
      ? {}
      : { running: { count: total(running, ({ count }) => count), longest: [...longest.list()] } }),
    ...(deliveries.length === 0 ? {} : { delivery: mergeDeliveries(deliveries) }),
    ...(sampled.length === 0
      ? {}
      : {
          sampled: {
            traces: total(sampled, ({ traces }) => traces),
            exported: total(sampled, ({ exported }) => exported),
            spansLeftOut: total(sampled, ({ spansLeftOut }) => spansLeftOut),
          },
        }),
  };
}

/** Where there are several receivers, or reasons, that of the first that has one stands for them. */
function mergeDeliveries(deliveries: readonly Delivery[]): Delivery {
  return {
    ...defined({ endpoint: deliveries.find((each) => each.endpoint !== undefined)?.endpoint }),
    ended: total(deliveries, ({ ended }) => ended),
    delivered: total(deliveries, ({ delivered }) => delivered),
    dropped: total(deliveries, ({ dropped }) => dropped),
    pending: total(deliveries, ({ pending }) => pending),
    ...defined({ reason: deliveries.find((each) => each.reason !== undefined)?.reason }),
  };
}

function total<T>(items: readonly T[], pick: (item: T) => number): number {
  return sumOf(items, pick) ?? 0;
}
