import type { ModelUsage, OpenSegments, Summary } from '../summary.js';
import type { Escape } from './escape.js';
import { formatCount, formatSeconds, formatShare, formatUsd, plural } from '../format.js';
import { listed } from './listed.js';
import { rowName } from './row-name.js';

const MAX_NAME_LENGTH = 44;
/** Segments that are still running. */
const MAX_RUNNING = 5;

/** How well it went, a line each, as far as there is something to say. */
export function detailsOf(summary: Summary, escape: Escape): string[] {
  const { totals, models, errors, latency, running, services } = summary;
  const lines: string[] = [];
  const { successRate = 1, costPerSuccessUsd, cacheHits = 0 } = totals;
  if (costPerSuccessUsd !== undefined || successRate < 1) {
    const succeeded = `${formatShare(successRate)} of ${plural(latency.count, 'trace')} succeeded`;
    const each =
      costPerSuccessUsd === undefined ? '' : ` · ${formatUsd(costPerSuccessUsd)} per success`;
    lines.push(`${succeeded}${each}`);
  }
  if (cacheHits > 0) {
    const { cacheSavedSeconds = 0, cacheSavedUsd } = totals;
    const money = cacheSavedUsd === undefined ? '' : ` and ${formatUsd(cacheSavedUsd)}`;
    const saved = `${formatSeconds(cacheSavedSeconds)}${money} saved`;
    lines.push(`${plural(cacheHits, 'LLM call')} answered from a cache: ${saved}`);
  }
  if (models.length > 1) {
    lines.push(
      `by model: ${listed(
        models.map((model) => modelText(model, escape)),
        ' · ',
      )}`,
    );
  }
  if (errors.length > 0) {
    const each = errors.map(({ type, segment, service, count }) => {
      const row = rowName({ name: segment, service }, services.length > 1);
      const names = `${escape.name(type, MAX_NAME_LENGTH)} in ${escape.name(row, MAX_NAME_LENGTH)}`;
      return count > 1 ? `${names} (${formatCount(count)} times)` : names;
    });
    lines.push(`errors: ${listed(each, ' · ')}`);
  }
  if (running !== undefined) lines.push(`still running: ${runningText(running, escape)}`);
  return lines;
}

/** Of a segment that waits for another one inside it, that one says what is waited for. */
function runningText({ count, longest }: OpenSegments, escape: Escape): string {
  const innermost = longest.filter(({ openChildren }) => openChildren === 0);
  const shown = innermost.length > 0 ? innermost : longest;
  const each = shown.map(
    ({ name, seconds }) => `${escape.name(name, MAX_NAME_LENGTH)} for ${formatSeconds(seconds)}`,
  );
  // How many more there are of them is not known: only the longest of all are told apart.
  const first = each.slice(0, MAX_RUNNING).join(' · ');
  const more = each.length > MAX_RUNNING ? ' · …' : '';
  return `${first}${more} (${plural(count, 'segment')} open)`;
}

function modelText(usage: ModelUsage, escape: Escape): string {
  const { provider, model, inputTokens, outputTokens, costUsd } = usage;
  const name = escape.name(model ?? provider ?? 'an unnamed model', MAX_NAME_LENGTH);
  const tokens = `${formatCount(inputTokens)} in, ${formatCount(outputTokens)} out`;
  return `${name} ${tokens}${costUsd === undefined ? '' : `, ${formatUsd(costUsd)}`}`;
}
