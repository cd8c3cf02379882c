import { JAEGER_URL, JAEGER_VARIABLE } from '../report/jaeger-link.js';
import { writeSummary, type SummaryOutput } from '../run/write-summary.js';
import type { Summary } from '../summary.js';
import { oneOfWords, type Environment } from '../environment.js';

/** How the summary is printed at the end. */
export type SummaryFormat = 'text' | 'json';

const FORMAT = oneOfWords<SummaryFormat | boolean>({
  ...{ '0': false, false: false, '1': true, true: true },
  ...{ text: 'text', json: 'json' },
});

/**
 * Where and how the summary is written, as the option, `HOTSPAN_SUMMARY` and `HOTSPAN_OUT` say;
 * `undefined` if it is not.
 */
export function summaryOutput(
  option: boolean | SummaryFormat | undefined,
  env: Environment,
  otherwise: boolean,
): SummaryOutput | undefined {
  const file = env.text('HOTSPAN_OUT');
  const asked = option ?? env.read('HOTSPAN_SUMMARY', FORMAT) ?? (otherwise || file !== undefined);
  if (asked === false) return undefined;
  const jaegerUrl = env.read(JAEGER_VARIABLE, JAEGER_URL);
  return { file, format: asked === true ? undefined : asked, jaegerUrl };
}

/** The function writes the summary once. Never throws. */
export function summaryPrinter(
  option: boolean | SummaryFormat | undefined,
  env: Environment,
  summary: () => Summary,
): () => void {
  let output = summaryOutput(option, env, false);
  return () => {
    if (output === undefined) return;
    const to = output;
    output = undefined;
    try {
      const problem = writeSummary(summary(), to);
      if (problem !== undefined) env.log(`hotspan: ${problem}.`);
    } catch {
      // The end of the host's process is no place for an error of ours.
    }
  };
}
