import type { Summary } from '../analysis/summary.js';
import { FOR_TERMINAL, type Escape } from './escape.js';
import { formatCount } from './format.js';

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
  return insights.map(({ severity, service, message }) => {
    const sentence = escape.sentence(message);
    const isOneOfSeveral = services.length > 1 && service !== '';
    return {
      severity,
      text: isOneOfSeveral ? `${escape.name(service, 60)}: ${sentence}` : sentence,
    };
  });
}
