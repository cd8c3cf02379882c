/** Ends programs in every way, with the receiver in every state, and writes the table in docs/delivery.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runEnding, runWithoutTracing, twoAtATime, WAYS } from './endings.js';
import { BEGIN, CELLS, drawRows, END } from './table.js';

const PAGE = fileURLToPath(new URL('../../docs/delivery.md', import.meta.url));

const endings = await twoAtATime(
  CELLS.map(
    ({ way, behaviour }) =>
      () =>
        runEnding(way, behaviour),
  ),
);
for (const { way, behaviour, ended, delivered, dropped, taken } of endings) {
  if (delivered + dropped === ended && delivered === taken) continue;
  throw new Error(
    `${way}, ${behaviour}: ${ended} ended, ${delivered} delivered, ${dropped} dropped, ${taken} taken`,
  );
}
const without = await twoAtATime(WAYS.map((way) => () => runWithoutTracing(way)));
const slowest = Math.max(...without.map(({ delayMillis }) => delayMillis));

const rows = endings.map((ending) => ({
  ...ending,
  delaySeconds: ending.delayMillis / 1_000,
  exit: String(ending.exit),
}));
const page = readFileSync(PAGE, 'utf8');
const table = [
  BEGIN,
  '',
  drawRows(rows),
  '',
  `With \`OTEL_SDK_DISABLED=true\` the same programs end after ${(slowest / 1_000).toFixed(2)} s at most.`,
  '',
].join('\n');
writeFileSync(PAGE, page.slice(0, page.indexOf(BEGIN)) + table + page.slice(page.indexOf(END)));
console.log(table);
