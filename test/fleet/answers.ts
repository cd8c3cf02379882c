import { writeFileSync } from 'node:fs';

/** What Prometheus' `/api/v1/query` answers with. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

const MAX_SAMPLES = 12;
const sections: string[] = [];

/** Keeps an answer for the file that `HOTSPAN_FLEET_ANSWERS` names. */
export function keepAnswer(title: string, promql: string, samples: readonly Sample[]): void {
  const lines = samples.slice(0, MAX_SAMPLES).map(({ metric, value: [, value] }) => {
    const labels = Object.entries(metric).map(([label, text]) => `${label}="${text}"`);
    return `{${labels.join(', ')}} ${Number(Number(value).toPrecision(6))}`;
  });
  const more = samples.length - lines.length;
  const answer = samples.length === 0 ? ['(nothing)'] : lines;
  const rest = more > 0 ? [`and ${more} more`] : [];
  sections.push(
    [`### ${title}`, '', '```', promql.trim(), '', ...answer, ...rest, '```', ''].join('\n'),
  );
}

/** Writes each query with its answer, as Markdown. */
export function writeAnswers(): void {
  const file = process.env.HOTSPAN_FLEET_ANSWERS;
  if (file !== undefined) writeFileSync(file, sections.join('\n'));
}
