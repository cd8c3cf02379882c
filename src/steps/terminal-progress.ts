import picocolors from 'picocolors';
import { messageOf } from '../error-facts.js';
import type { StepProgress } from './run-steps.js';
import { formatSeconds, singleLine } from '../format.js';

/** A stream to show progress on, such as `process.stderr`. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Erases the current line. */
const CLEAR_LINE = '\r\u001B[2K';

/**
 * Shows the progress of `runSteps` in a terminal: one line for every step that has ended, and a last one
 * for those that are running. Writes nothing if the stream is not a terminal, so that logs stay clean.
 *
 * ```ts
 * import { runSteps, step } from 'hotspan';
 * import { terminalProgress } from 'hotspan/node';
 *
 * const run = await runSteps('report', [step('load', () => 'data')], {
 *   onProgress: terminalProgress(),
 * });
 * ```
 *
 * @param stream where to write. Default stderr
 * @returns a function for the `onProgress` option; it can serve several runs, one after another
 */
export function terminalProgress(
  stream: ProgressStream = process.stderr,
): (event: StepProgress) => void {
  if (stream.isTTY !== true) return () => undefined;
  const colors = picocolors.createColors();
  const running = new Map<string, { readonly startSeconds: number; attempt: number }>();
  const width = () => {
    const { columns = 0 } = stream;
    // Some terminals report 0.
    return Math.max(20, (columns === 0 ? 80 : columns) - 1);
  };
  const line = (mark: string, { index, count, step }: StepProgress, rest: string) =>
    `${mark} ${index + 1}/${count} ${singleLine(`${step} ${rest}`, width() - 8)}`;
  const status = () => {
    const names = [...running].map(([name, { attempt }]) =>
      attempt > 1 ? `${name} (attempt ${attempt})` : name,
    );
    return names.length === 0 ? '' : singleLine(`… ${names.join(', ')}`, width());
  };
  return (event) => {
    const { type, step, elapsedSeconds } = event;
    const startSeconds = running.get(step)?.startSeconds ?? elapsedSeconds;
    const took = formatSeconds(elapsedSeconds - startSeconds);
    let done: string | undefined;
    if (type === 'started') running.set(step, { startSeconds, attempt: 1 });
    else if (type === 'retrying') running.set(step, { startSeconds, attempt: event.attempt ?? 1 });
    else {
      running.delete(step);
      if (type === 'succeeded') done = line(colors.green('✓'), event, took);
      else if (type === 'skipped') done = line(colors.dim('-'), event, event.reason ?? '');
      else done = line(colors.red('✗'), event, `${took}: ${messageOf(event.error)}`);
    }
    stream.write(`${CLEAR_LINE}${done === undefined ? '' : `${done}\n`}${status()}`);
  };
}
