import picocolors from 'picocolors';
import { wrongUse } from '../errors.js';
import type { PrintableSummary } from '../report/printable-summary.js';

/** How the summary is printed at the end. */
export type SummaryFormat = 'text' | 'json';

/** Throws unless `value` is a choice of how to print the summary. */
export function checkPrintSummary(where: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  if (value === 'text' || value === 'json') return;
  throw wrongUse(where, '`printSummary` to be true, false, text or json', value);
}

/**
 * Writes the summary to stderr, once, when it is called and a summary was asked for. stdout is the
 * program's own. Never throws.
 */
export function summaryPrinter(
  option: boolean | SummaryFormat | undefined,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
  summary: () => PrintableSummary,
): () => void {
  const format = option === undefined ? formatFrom(env, log) : formatOf(option);
  let isDone = format === undefined;
  return () => {
    if (isDone) return;
    isDone = true;
    try {
      const color = process.stderr.isTTY && picocolors.isColorSupported;
      const text = format === 'json' ? summary().toJson() : summary().toText({ color });
      process.stderr.write(`${text}\n`);
    } catch {
      // The end of the host's process is no place for an error of ours.
    }
  };
}

function formatOf(option: boolean | SummaryFormat): SummaryFormat | undefined {
  if (typeof option === 'string') return option;
  return option ? 'text' : undefined;
}

const FORMATS: Readonly<Record<string, SummaryFormat | undefined>> = {
  '': undefined,
  '0': undefined,
  false: undefined,
  '1': 'text',
  true: 'text',
  text: 'text',
  json: 'json',
};

function formatFrom(
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): SummaryFormat | undefined {
  const name = env.HOTSPAN_SUMMARY?.trim().toLowerCase() ?? '';
  if (Object.hasOwn(FORMATS, name)) return FORMATS[name];
  log(`hotspan: expected HOTSPAN_SUMMARY to be 1, text or json, got "${name}"; it is ignored.`);
  return undefined;
}
