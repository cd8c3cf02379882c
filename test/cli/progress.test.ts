import { expect, it } from 'vitest';
import { eraseProgress, showProgress } from '../../src/cli/progress.js';

function terminal(isTTY = true) {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  return { written, stream: { isTTY, columns: 40, write } as unknown as NodeJS.WriteStream };
}

it('shows on a terminal how much was read, a few times a second, and makes room for what comes next', () => {
  let nowMillis = 0;
  const { written, stream } = terminal();
  const show = showProgress(stream, () => nowMillis)!;
  for (nowMillis = 0; nowMillis <= 700; nowMillis += 100) {
    show({ source: 'traces.json', readBytes: nowMillis * 1e5, allBytes: 1e8 });
  }
  show({ source: 'traces.json', readBytes: 1e8, allBytes: 1e8 });
  eraseProgress(stream);
  eraseProgress(stream);
  expect(written).toEqual([
    '\r\u001B[Kreading traces.json: 50.0 % of 100 MB',
    '\r\u001B[Kreading traces.json: 70.0 % of 100 MB',
    '\r\u001B[K',
  ]);
});

it('is one line, however long the name, and says how much where nobody knows how much there is', () => {
  const { written, stream } = terminal();
  let nowMillis = 0;
  const show = showProgress(stream, () => nowMillis)!;
  nowMillis = 1_000;
  show({ source: 'x'.repeat(99), readBytes: 1, allBytes: 2 });
  nowMillis = 2_000;
  show({ source: '-', readBytes: 3e6 });
  nowMillis = 3_000;
  show({ source: 'http://ch:8123', readBytes: 0 });
  eraseProgress(stream);
  expect(written[0]).toHaveLength('\r\u001B[K'.length + 39);
  expect(written[1]).toBe('\r\u001B[Kreading -: 3 MB');
  expect(written[2]).toBe('\r\u001B[Kwaiting for http://ch:8123');
});

it('shows nothing where nobody looks', () => {
  expect(showProgress(terminal(false).stream)).toBeUndefined();
});
