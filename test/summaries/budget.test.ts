import fc from 'fast-check';
import type { Summary } from 'hotspan/processor';
import { toMarkdown, toText, checkBudgets, parseBudget } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { BUDGET_FIGURES } from '../../src/summaries/budget-figures.js';
import { anySummary, summaryOf } from '../support/summary.js';

/** What becomes of a budget, in words. */
function said(summary: Summary, text: string, bound: 'max' | 'min' = 'max'): string {
  return toText(checkBudgets(summary, [parseBudget(text, bound)]));
}

const twoRows = summaryOf(
  { name: 'search', p95Seconds: 1.5, calls: 10, errors: 1, criticalSeconds: 1, totalSeconds: 4 },
  { name: 'chat: a=b', service: 'model', costUsd: 0.03, retries: 2, calls: 4, inputTokens: 100 },
);
const summary: Summary = {
  ...twoRows,
  totals: {
    ...twoRows.totals,
    llmCalls: 4,
    costUsd: 0.1 + 0.2,
    costPerSuccessUsd: 0.2,
    wastedSeconds: 5,
    retries: 2,
    successRate: 0.99,
    inputTokens: 100,
  },
};

describe('a budget', () => {
  it.each([
    ['p95=1.5s', 'p95', undefined, 1.5],
    ['p95:search=300ms', 'p95', 'search', 0.3],
    ['max:a:b = c=2 m', 'max', 'a:b = c', 120],
    ['cost=$0.05', 'cost', undefined, 0.05],
    ['costPerSuccess=.02', 'cost-per-success', undefined, 0.02],
    ['COST_PER_TRACE:plan=1', 'cost-per-trace', 'plan', 1],
    ['error-rate=1.1%', 'error-rate', undefined, 0.011],
    ['p50=7us', 'p50', undefined, 0.000007],
    ['retries=3', 'retries', undefined, 3],
  ])('is read: %s', (text, figure, segment, limit) => {
    const { bound, ...budget } = parseBudget(text);
    expect(budget).toMatchObject({ figure, limit, ...(segment && { segment }) });
    expect(budget.segment).toBe(segment);
    expect(bound).toBe('max');
  });

  it('is read whatever the segment is called', () => {
    const figures = [...BUDGET_FIGURES].filter(([, { sides }]) => sides.length === 2);
    const suffixes = { seconds: 's', usd: '', share: '%', count: '' };
    fc.assert(
      fc.property(
        fc.constantFrom(...figures),
        fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.constantFrom<'max' | 'min'>('max', 'min'),
        ([figure, { unit }], segment, thousandths, bound) => {
          const number = thousandths / 1000;
          const where = segment === undefined ? figure : `${figure}:${segment}`;
          const limit = unit === 'share' ? thousandths / 100_000 : number;
          expect(parseBudget(`${where}=${number}${suffixes[unit]}`, bound)).toEqual({
            bound,
            figure,
            ...(segment === undefined ? {} : { segment }),
            unit,
            limit,
          });
        },
      ),
    );
  });

  it('is refused in one line, or read, whatever it is', () => {
    const part = fc.constantFrom('p95', 'cost', ':', '=', '1', '.', 's', '%', '$', ' ', '-', 'e9');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            expect(parseBudget(text).limit).toBeGreaterThanOrEqual(0);
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError);
            expect((error as Error).message).toContain(`budget "${text}": expected `);
          }
        },
      ),
    );
  });

  it.each([
    ['p95', 'figure=limit or figure:segment=limit, such as p95:search=2s'],
    ['p96=2s', 'a figure, perhaps p95: one of share, critical,'],
    ['speed=2s', 'a figure, one of share, critical,'],
    ['p95=2', 'a time with its unit, such as 1.5s, 300ms or 2m, got "2"'],
    ['p95=-2s', 'a time with its unit, such as 1.5s, 300ms or 2m, got "-2s"'],
    ['cost=5%', 'US dollars, such as $0.05 or 0.05, got "5%"'],
    ['error-rate=0.01', 'a part of 100 %, such as 1% or 99.5%, got "0.01"'],
    ['error-rate=101%', 'a part of 100 %, such as 1% or 99.5%, got "101%"'],
    ['retries=', 'a number, such as 3 or 2.5, got ""'],
    ['retries=many', 'a number, such as 3 or 2.5, got "many"'],
    ['share=50%', 'a segment, as in share:search, because share is a figure of one segment'],
    ['llm-calls:plan=3', 'no segment, because llm-calls is a figure of all traces'],
    ['p95:=2s', 'a segment after the colon, as in p95:search'],
  ])('says what was expected: %s', (text, expected) => {
    expect(() => parseBudget(text)).toThrow(`budget "${text}": expected ${expected}`);
  });
});

describe('checked budgets', () => {
  it.each([
    ['p95=2s', '1 budget kept · p95 is 2.00 s, within 2.00 s'],
    ['p95=1.5s', 'broken: p95 is 2.00 s, more than 1.50 s'],
    ['p95=1.9999s', 'broken: p95 is 2 s, more than 1.9999 s'],
    ['p95:search=1.4s', 'broken: p95 of search is 1.50 s, more than 1.40 s'],
    ['p95:shop/search=1.4s', 'broken: p95 of shop/search is 1.50 s, more than 1.40 s'],
    ['cost:chat: a=b=0.02', 'broken: cost of chat: a=b is $0.030, more than $0.020'],
    // 0.1 + 0.2 is more than 0.3, but not by anything that anyone paid.
    ['cost=0.3', '1 budget kept · cost is $0.30, within $0.30'],
    ['cost-per-trace=0.1', 'broken: cost-per-trace is $0.15, more than $0.10'],
    ['error-rate=1%', '1 budget kept · error-rate is 1.0 %, within 1.0 %'],
    ['error-rate:search=5%', 'broken: error-rate of search is 10.0 %, more than 5.0 %'],
    ['waste=4s', 'broken: waste is 5.00 s, more than 4.00 s'],
    ['calls:search=9', 'broken: calls of search is 10, more than 9'],
    ['calls-per-trace:search=5', '1 budget kept · calls-per-trace of search is 5, within 5'],
    ['retries:search=0', '1 budget kept · retries of search is 0, within 0'],
    ['tokens=99', 'broken: tokens is 100, more than 99'],
    ['critical:search=0s', 'broken: critical of search is 1.00 s, more than 0 s'],
  ])('are kept or broken: %s', (text, expected) => {
    expect(said(summary, text)).toBe(expected);
  });

  it('may be the least as well', () => {
    expect(said(summary, 'success-rate=99%', 'min')).toContain('1 budget kept');
    expect(said(summary, 'success-rate=99.5%', 'min')).toBe(
      'broken: success-rate is 99.0 %, less than 99.5 %',
    );
    expect(said(summary, 'traces=3', 'min')).toBe('broken: traces is 2, less than 3');
  });

  it('take nothing that is not known for 0', () => {
    const nothing = (text: string, of: Summary) => checkBudgets(of, [parseBudget(text)])[0];
    const unpriced = { ...summary, totals: { ...summary.totals, unpricedCalls: 2 } };
    expect(nothing('cost:search=1', summary)).toMatchObject({
      outcome: 'unknown',
      lacks: 'no call has a known price',
    });
    expect(nothing('cost:search=1', summary)).not.toHaveProperty('actual');
    expect(nothing('tokens:search=1', summary)?.outcome).toBe('unknown');
    // The known part of a cost can break a budget, but not keep it.
    expect(nothing('cost=0.2', unpriced)?.outcome).toBe('broken');
    expect(said(unpriced, 'cost=0.4')).toBe(
      'unknown: cost is at least $0.30, the limit is $0.40: LLM calls without a known price: 2',
    );
    expect(said(unpriced, 'cost=0.2', 'min')).toContain('kept');
    expect(said(unpriced, 'cost=0.4', 'min')).toContain('unknown: ');
  });

  it.each([...BUDGET_FIGURES.keys()])('are not kept by a run without a trace: %s', (figure) => {
    const { unit, sides } = BUDGET_FIGURES.get(figure)!;
    if (!sides.includes('all') || figure === 'traces') return;
    const limit = { seconds: '9s', usd: '9', share: '100%', count: '9' }[unit];
    expect(said(summaryOf(), `${figure}=${limit}`)).toContain('unknown: ');
    expect(said(summaryOf(), `${figure}=${limit}`, 'min')).toContain('unknown: ');
  });

  it('are not kept by a row of calls that did not end', () => {
    const open = summaryOf({ name: 'open', calls: 0 });
    expect(said(open, 'p95:open=1s')).toBe(
      'unknown: p95 of open is not known, the limit is 1.00 s: no call of it has ended',
    );
  });

  it.each([
    ['serch', 'no segment "serch"; the nearest of 3: "search", '],
    ['b/wrok', 'no segment "b/wrok"; the nearest of 4: "b/work", "a/work", '],
    ['SEARCH', 'no segment "SEARCH"; the nearest of 3: "search", '],
    ['other', 'no segment "other"; the nearest of 3: "(other)", "'],
    ['work', '2 segments "work": name the service as well, "a/work", "b/work"'],
  ])('name what is near when a segment is not there: %s', (segment, message) => {
    const rows = ['a', 'b'].map((service) => ({ name: 'work', service }));
    const several = summaryOf(...rows, { name: 'search' }, { name: '(other)' });
    const budgets = [parseBudget(`p95:${segment}=1s`)];
    expect(() => checkBudgets(several, budgets)).toThrow(RangeError);
    expect(() => checkBudgets(several, budgets)).toThrow(message);
  });

  it('say that a name may be one of those that share a row', () => {
    const folded = summaryOf({ name: '(other)' });
    expect(() => said(folded, 'p95:search=1s')).toThrow('it may be one of those in "(other)"');
    expect(() => said(summaryOf(), 'p95:search=1s')).toThrow('there is none at all');
  });

  it('find every row by its service and name, unless two are written alike', () => {
    fc.assert(
      fc.property(anySummary({ minRows: 1 }), (any) => {
        for (const { service, name } of any.bottlenecks) {
          const full = `${service}/${name}`;
          const alike = any.bottlenecks.filter(
            (row) => row.name === full || `${row.service}/${row.name}` === full,
          );
          const check = () => checkBudgets(any, [parseBudget(`calls:${full}=5`)]);
          if (alike.length > 1) expect(check).toThrow(RangeError);
          else expect(check()).toMatchObject([{ outcome: 'kept', actual: 1 }]);
        }
      }),
    );
  });

  it('are a table in Markdown, all of them', () => {
    const budgets = ['p95:chat: a=b=1s', 'p95=1s', 'cost:search=1'].map((text) =>
      parseBudget(text),
    );
    expect(toMarkdown(checkBudgets(summary, budgets)).split('\n')).toEqual([
      '| Budget | Figures |',
      '| :--- | :--- |',
      '| kept | p95 of `chat: a=b` is 0 s, within 1.00 s |',
      '| broken | p95 is 2.00 s, more than 1.00 s |',
      '| unknown | cost of `search` is not known, the limit is $1.00: no call has a known price |',
    ]);
  });
});
