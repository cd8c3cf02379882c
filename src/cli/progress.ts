import type { ReadProgress } from '../readers/read-options.js';
import { formatShare, singleLine } from '../format.js';

/** A reader that is done sooner shows nothing. */
const FIRST_MILLIS = 500;
const EVERY_MILLIS = 200;
const MEGA = 1e6;
/** Goes to the start of the line and erases it. */
const ERASE = '\r\u001B[K';

let isShown = false;

/** Returns what shows on a terminal, in one line of stderr, how much of the sources was read. */
export function showProgress(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): ((progress: ReadProgress) => void) | undefined {
  if (!stream.isTTY) return undefined;
  let nextMillis = now() + FIRST_MILLIS;
  return (progress) => {
    if (now() < nextMillis) return;
    nextMillis = now() + EVERY_MILLIS;
    isShown = true;
    stream.write(`${ERASE}${singleLine(progressText(progress), stream.columns - 1)}`);
  };
}

/** Makes room for what is written next. */
export function eraseProgress(stream: NodeJS.WriteStream = process.stderr): void {
  if (isShown) stream.write(ERASE);
  isShown = false;
}

function progressText({ source, readBytes, allBytes }: ReadProgress): string {
  if (readBytes === 0) return `waiting for ${source}`;
  const read = `${(readBytes / MEGA).toFixed(0)} MB`;
  if (allBytes === undefined) return `reading ${source}: ${read}`;
  return `reading ${source}: ${formatShare(readBytes / allBytes)} of ${(allBytes / MEGA).toFixed(0)} MB`;
}
