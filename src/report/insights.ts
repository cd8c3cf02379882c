import type { Insight, Summary } from '../summary.js';
import { FOR_TERMINAL, type Escape } from './escape.js';
import { formatCount, formatSaving } from '../format.js';

const MAX_LISTED = 5;

/** What may be worth a change, one line each, the largest saving first; no line when there is nothing. */
export function insightsText(summary: Summary): string[] {
  const sentences = insightSentences(summary, FOR_TERMINAL).map(({ text }) => text);
  if (sentences.length === 0) return [];
  const shown = sentences.slice(0, MAX_LISTED);
  const more = sentences.length - shown.length;
  return [
    '',
    '  worth a look, the largest saving first:',
    ...shown.map((text) => `  ▸ ${text}`),
    ...(more > 0 ? [`    and ${formatCount(more)} more`] : []),
  ];
}

/** Each insight as a sentence, which names the service first where there are several. */
export function insightSentences({ insights = [], services }: Summary, escape: Escape) {
  return insights.map((insight) => {
    const { severity, service, message } = insight;
    const sentence = [message, ...ofProcesses(insight)].map(escape.sentence).join(' ');
    const isOneOfSeveral = services.length > 1 && service !== '';
    return {
      severity,
      text: isOneOfSeveral ? `${escape.name(service, 60)}: ${sentence}` : sentence,
    };
  });
}

/** The words are those of one process, and so are the figures in them. */
function ofProcesses({ evidence, savingSeconds, savingUsd }: Insight): string[] {
  const { processes } = evidence;
  if (typeof processes !== 'number' || processes < 2) return [];
  const isKnown = savingSeconds !== undefined || savingUsd !== undefined;
  const all = isKnown ? `; all together ${formatSaving(savingSeconds ?? 0, savingUsd)}` : '';
  return [`(in one of ${formatCount(processes)} processes that saw it${all})`];
}
