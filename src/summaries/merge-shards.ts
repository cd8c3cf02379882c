import { defined } from '../sums.js';
import type { Shards, Summary } from '../summary.js';

const MAX_LISTED = 10;
/** What is said of a summary of only some shards, until the others are merged with it. */
const MISSING = /^shards? [\d, ]+(?: and \d+ more)? of \d+ (?:is|are) missing: /;

/** Finds a summary, or a part of one, that would be counted twice. Returns it in words; `undefined` if none would. */
export function findTwice(summaries: readonly Summary[]): string | undefined {
  return findSameSummary(summaries) ?? findSameShard(summaries);
}

function findSameSummary(summaries: readonly Summary[]): string | undefined {
  const seen = new Map<string, Summary>();
  for (const summary of summaries) {
    const { generatedAt, latency, spans } = summary;
    const key = `${generatedAt} ${latency.totalSeconds} ${spans.analyzed}`;
    const like = seen.get(key);
    // What few summaries share is compared first: the whole of one may be long.
    if (
      like !== undefined &&
      latency.count > 0 &&
      JSON.stringify(like) === JSON.stringify(summary)
    ) {
      return `the summary of ${generatedAt} is there twice`;
    }
    seen.set(key, summary);
  }
  return undefined;
}

/**
 * Finds shards that would be counted twice, or are of different counts. Returns them in words; `undefined` if none
 * are. Complete sets of shards may be merged with each other: they are of different sources.
 */
function findSameShard(summaries: readonly Summary[]): string | undefined {
  const all = summaries.flatMap(({ shards }) => shards ?? []);
  const parts = all.filter((shards) => !isComplete(shards));
  const [first] = parts;
  if (first === undefined) return undefined;
  const other = parts.find(({ of }) => of !== first.of);
  if (other !== undefined) {
    return `shards of ${first.of} and shards of ${other.of} do not go together`;
  }
  const indexes = all.filter(({ of }) => of === first.of).flatMap((shards) => shards.indexes);
  const twice = indexes.find((index, at) => indexes.indexOf(index) !== at);
  return twice === undefined ? undefined : `shard ${twice}/${first.of} is there twice`;
}

/** The shards of the summaries together, and the warnings without, or with, what says which are missing. */
export function mergeShards(
  summaries: readonly Summary[],
  warnings: readonly string[],
): Pick<Summary, 'shards' | 'warnings'> {
  const all = summaries.flatMap(({ shards }) => shards ?? []);
  const [first = all[0]] = all.filter((shards) => !isComplete(shards));
  const others = warnings.filter((text) => !MISSING.test(text));
  if (first === undefined) return { warnings: others };
  const same = all.filter(({ of }) => of === first.of).flatMap((each) => each.indexes);
  const indexes = [...new Set(same)].sort((a, b) => a - b);
  const shards = { of: first.of, indexes };
  return { ...defined({ shards }), warnings: [...others, ...missingShards(shards)] };
}

function isComplete({ of, indexes }: Shards): boolean {
  return indexes.length === of;
}

function missingShards({ of, indexes }: Shards): string[] {
  const missing: number[] = [];
  for (let index = 1; index <= of; index += 1) if (!indexes.includes(index)) missing.push(index);
  if (missing.length === 0) return [];
  const more = missing.length > MAX_LISTED ? ` and ${missing.length - MAX_LISTED} more` : '';
  const [shard, are] = missing.length === 1 ? ['shard', 'is'] : ['shards', 'are'];
  const list = missing.slice(0, MAX_LISTED).join(', ');
  return [`${shard} ${list}${more} of ${of} ${are} missing: the figures are of the others`];
}
