import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/summary.js';
import { toAscii } from '../../src/report/ascii.js';
import { toText } from '../../src/report/print.js';
import { widthOf } from '../../src/report/table.js';
import { wrap } from '../../src/report/wrap.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { records } from '../support/trace.js';

function summaryOf(names: readonly string[]): Summary {
  const ranking = new Ranking();
  const tree = buildTraceTree(
    records([
      { id: 'root', name: 'root', start: 0, end: 100 * names.length },
      ...names.map((name, at) => ({
        ...{ id: `s${at}`, parent: 'root', name, start: 100 * at, end: 100 * at + 50 + at },
      })),
    ]),
  );
  analyzeTrace(tree, { toleranceNanos: 0 });
  ranking.addTrace(tree, { originEpochMillis: 0 });
  return ranking.toSummary({ nowEpochMillis: 0 });
}

const shownWidths = (text: string) =>
  text.split('\n').map((line) => widthOf(line.replace(/\p{Cc}\[[\d;]*m/gu, '')));

describe('text for a terminal', () => {
  it('fits its width, whatever the names', () => {
    const names = fc.array(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.constantFrom('日'.repeat(60), 'e'.repeat(900)),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(names, fc.integer({ min: 60, max: 140 }), fc.boolean(), (drawn, width, color) => {
        const lines = toText(summaryOf(drawn), { width, color }).split('\n');
        // A word, such as an address, is left whole.
        const broken = lines.filter((line) => !/^[^\p{L}]*\S+$/u.test(line));
        expect(Math.max(...shownWidths(broken.join('\n')))).toBeLessThanOrEqual(width);
      }),
      { numRuns: 60 },
    );
  });

  it('draws what of the critical time can be saved, and the rest', () => {
    const [head, , first, second] = toText(summaryOf(['a', 'b']), { width: 100 })
      .split('\n')
      .slice(2);
    expect(head).not.toContain('█');
    expect(first).toMatch(/ {2}█+ /);
    expect(second).toMatch(/ {2}█+ /);
    expect(toText(summaryOf(['a', 'b']))).not.toContain('█');
  });

  it('is ASCII alone where that is asked for, in the same columns', () => {
    const text = toText(summaryOf(['größe µ', '日本']), { width: 90 });
    const ascii = toText(summaryOf(['größe µ', '日本']), { width: 90, ascii: true });
    expect(ascii).toMatch(/^\p{ASCII}*$/u);
    expect(ascii).toContain('gr??e u');
    expect(shownWidths(ascii)).toEqual(shownWidths(text));
  });

  it('breaks sentences between words, and indents what goes on', () => {
    expect(wrap('  ▸ one two three four five six', 20).split('\n')).toEqual([
      '  ▸ one two three',
      '    four five six',
    ]);
    expect(wrap('a'.repeat(30), 20)).toBe('a'.repeat(30));
  });

  it('takes as many columns in ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(toAscii(text)).toMatch(/^\p{ASCII}*$/u);
      }),
    );
    expect(toAscii('▸ a…z · é')).toBe('> a~z - ?');
  });
});
