/** Writes spans as OTLP JSON, a trace on each line: `tsx scripts/fleet/make-spans.ts 10000000 spans.jsonl`. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SPANS_PER_TRACE, traceLine } from './made-traces.js';

/** So many lines are written at once. */
const LINES = 200;

const [count = '', file = ''] = process.argv.slice(2);
if (!/^[1-9]\d*$/.test(count) || file === '') {
  console.error('Expected how many spans to write, and a file: make-spans.ts 1000000 spans.jsonl');
  process.exit(2);
}
const traces = Math.ceil(Number(count) / SPANS_PER_TRACE);
await pipeline(Readable.from(blocks()), createWriteStream(file));

function* blocks(): Generator<string> {
  for (let first = 0; first < traces; first += LINES) {
    const length = Math.min(LINES, traces - first);
    yield Array.from({ length }, (_, line) => traceLine(first + line)).join('');
  }
}
