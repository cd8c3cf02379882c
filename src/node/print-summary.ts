import type { PrintableSummary } from '../report/printable-summary.js';
import { isTerminal } from '../terminal.js';
import { oneOfWords, type Environment } from './environment.js';

/** How the summary is printed at the end. */
export type SummaryFormat = 'text' | 'json';

const FORMAT = oneOfWords<SummaryFormat | false>({
  ...{ '0': false, false: false, '1': 'text', true: 'text' },
  ...{ text: 'text', json: 'json' },
});

/** The function writes the summary once, to stderr: stdout is the program's own. Never throws. */
export function summaryPrinter(
  option: boolean | SummaryFormat | undefined,
  env: Environment,
  summary: () => PrintableSummary,
): () => void {
  const asked = option ?? env.read('HOTSPAN_SUMMARY', FORMAT) ?? false;
  let isDone = asked === false;
  return () => {
    if (isDone) return;
    isDone = true;
    try {
      const color = isTerminal(process.stderr);
      const text = asked === 'json' ? summary().toJson() : summary().toText({ color });
      process.stderr.write(`${text}\n`);
    } catch {
      // The end of the host's process is no place for an error of ours.
    }
  };
}
