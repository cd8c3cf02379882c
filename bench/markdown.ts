import type { Spread } from './statistics.js';

/** Returns a Markdown table, padded like prettier's. All columns but the first are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
  const rule = widths.map((width, at) =>
    at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** `1.19×`. */
export function times(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}

/** `0.53 µs`. */
export function micros(value: number): string {
  return `${value.toFixed(2)} µs`;
}

/** `12.3 ms`. */
export function millis(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** `12.3 MB`, of 2^20 bytes. */
export function megabytes(bytes: number): string {
  // Adding 0 avoids "-0.0".
  return `${(Math.round((bytes / 2 ** 20) * 10) / 10 + 0).toFixed(1)} MB`;
}

/** Returns three cells: minimum, median, maximum. */
export function cells({ min, median, max }: Spread, write: (figure: number) => string): string[] {
  return [write(min), write(median), write(max)];
}
