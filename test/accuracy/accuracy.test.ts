import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { accuracyDocument, isTopRight, PAGE } from '../../scripts/accuracy/document.js';
import { errorOf, measureAll, type Measured } from '../../scripts/accuracy/measure.js';
import { CASES } from '../../scripts/accuracy/programs.js';
import { simulate, type Program } from '../../scripts/accuracy/simulator.js';

describe('what whatIf says of concurrent programs', () => {
  let measured: Measured[];
  beforeAll(async () => {
    measured = await measureAll(0);
  });

  const of = (title: string) => measured.find((m) => m.case.title === title)!;

  it.each(CASES.filter(({ otherwise }) => otherwise === undefined))(
    'is exact where the order of events is what determines the program: $title',
    ({ title }) => {
      const { predictions, totalNanos } = of(title);
      expect(predictions.length).toBeGreaterThanOrEqual(9);
      for (const prediction of predictions) {
        expect({ ...prediction, error: errorOf(prediction, totalNanos) }).toMatchObject({
          error: 0,
        });
      }
    },
  );

  it.each(CASES.filter(({ otherwise }) => otherwise !== undefined))(
    'is not exact where the page says so, or the page is wrong: $title',
    ({ title }) => {
      const { predictions, totalNanos } = of(title);
      const errors = predictions.map((prediction) => errorOf(prediction, totalNanos));
      expect(Math.max(...errors)).toBeGreaterThan(0);
    },
  );

  it.each(CASES)('names the segment whose removal helps most: $title', ({ title }) => {
    expect(of(title)).toSatisfy(isTopRight);
  });

  it('covers every program with changes that really change something', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(14);
    for (const { predictions, totalNanos } of measured) {
      const changed = predictions.filter(({ actualNanos }) => actualNanos !== totalNanos);
      expect(changed.length).toBeGreaterThan(2);
    }
  });
});

describe('the simulator', () => {
  it('gives the same every time', async () => {
    for (const { program } of CASES) {
      expect(await simulate(program, 7)).toEqual(await simulate(program, 7));
    }
  });

  it('lets sleepers beside each other sleep once, and work on the thread one after the other', async () => {
    const run = await simulate(async (root) => {
      await Promise.all([root.work(5), root.segment('a', 3), root.timer(4)]);
      await Promise.all([root.cpu(2), root.segment('b', (b) => b.cpu(3))]);
    }, 0);
    expect(run.totalNanos).toBe(10e6);
    const spans = run.records.map(({ name, startNanos, endNanos }) => [name, startNanos, endNanos]);
    expect(spans).toEqual([
      ['a', 0, 3e6],
      ['b', 5e6, 10e6],
      ['request', 0, 10e6],
    ]);
  });

  it('makes faster what is meant, and nothing else', async () => {
    const program: Program = async (root) => {
      await root.work(10);
      await root.timer(10);
      await root.segment('a', 10);
    };
    const total = async (row: string) =>
      (await simulate(program, 0, { row, factor: 0.5 })).totalNanos / 1e6;
    expect(await total('request')).toBe(25);
    expect(await total('a')).toBe(25);
    expect(await total('b')).toBe(30);
  });
});

describe('docs/accuracy.md', () => {
  it('is what `npm run accuracy` writes', async () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(await accuracyDocument());
  });
});
