import { llmCall, segment } from 'hotspan';
import type { Summary } from 'hotspan/processor';
import { rerank, toText, type TextOptions } from 'hotspan/report';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { formatSeconds, formatUsd, singleLine } from '../../src/format.js';
import { toJson } from '../../src/report/printable-summary.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
// Reads a file, which no fake clock moves.
beforeAll(async () => {
  await loadPrices();
});

async function agentSummary(): Promise<Summary> {
  const sdk = startSdk();
  const answer = (usage: object | undefined) =>
    segment('answer', async () => {
      await segment('search', () => sleep(150));
      const options = { provider: 'openai', model: 'gpt-4o', maxAttempts: 2, backoffMillis: 0 };
      await llmCall(options, async ({ attempt }) => {
        await sleep(400);
        if (attempt === 1) throw new Error('again');
        return { usage };
      });
      await sleep(50);
    });
  await run(answer({ prompt_tokens: 10_000, completion_tokens: 500 }));
  await run(answer(undefined));
  return sdk.bottlenecks.summary();
}

describe('the text', () => {
  it('is a table that a person reads at a glance', async () => {
    expect(`\n${toText(await agentSummary())}\n`).toMatchInlineSnapshot(`
      "
      test · 2 traces in 2.00 s · p50 1.00 s · p95 1.00 s · max 1.00 s
      2 LLM calls · 10,000 tokens in, 500 out · $0.030 · 2 retries · 800 ms wasted

       #  Segment       Share  Critical  Saving    Self  Calls     p50     p95  Attempts    Cost
       1  chat gpt-4o  80.0 %    1.60 s  1.60 s  1.60 s      2  800 ms  800 ms         4  $0.030
       2  search       15.0 %    300 ms  300 ms  300 ms      2  150 ms  150 ms         -       -
       3  answer        5.0 %    100 ms  100 ms  100 ms      2  1.00 s  1.00 s         -       -
        ranked by critical time that can be saved

        100.0 % of 2 traces succeeded · $0.015 per success

        worth a look, the largest saving first:
        ▸ Find out why \`chat gpt-4o\` fails at first. It was tried again 2 times: failed attempts and backoffs took 800 ms. Look at its errors, its timeout and its backoff. Without its failed tries, p95 of \`answer\` would fall from 1.00 s to 600 ms.

        · 1 LLM call unpriced: no usage in the response, or one that is not known in full
        · an LLM response had no token usage
      "
    `);
  });

  it('has colour codes only when they are asked for', async () => {
    const summary = await agentSummary();
    const escape = String.fromCharCode(27);
    expect(toText(summary)).not.toContain(escape);
    expect(toText(summary, { color: true })).toContain(escape);
  });

  it('shows as many rows as asked for, and says how many more there are', async () => {
    const text = toText(await agentSummary(), { top: 1 });
    expect(text).toContain('chat gpt-4o');
    expect(text).not.toContain('search');
    expect(text).toContain('ranked by critical time that can be saved; 2 more rows');
  });

  it('says what was left out and why', async () => {
    const summary = await agentSummary();
    const text = toText({
      ...summary,
      traces: { analyzed: 2, incomplete: 1, evicted: 2 },
      spans: { analyzed: 9, late: 1, dropped: 3 },
      warnings: ['something odd'],
    });
    const notes = text.split('\n').filter((line) => line.startsWith('  · '));
    expect(notes).toHaveLength(6);
    expect(text).toContain('1 trace incomplete: ');
    expect(text).toContain('2 traces evicted ');
    expect(text).toContain('3 spans dropped, ');
    expect(text).toContain('something odd');
  });

  it('says when savings are estimates', async () => {
    const summary = await agentSummary();
    const of = (replayed: number) =>
      toText({ ...summary, traces: { ...summary.traces, analyzed: 500, replayed } });
    expect(of(120)).toContain('savings are estimates, from 120 of 500 traces: ');
    expect(of(500)).not.toContain('estimates');
  });

  it('names the service of errors and links where there are several', async () => {
    const summary = await agentSummary();
    const errors = [{ type: 'E', segment: 'search', service: 'shop', count: 1 }];
    const text = toText(
      { ...summary, errors, services: ['shop', 'bank'] },
      { jaegerUrl: 'http://localhost:16686' },
    );
    expect(text).toContain('errors: E in search (shop)');
    const { service } = summary.bottlenecks[1]!;
    expect(text).toContain(`  slowest search (${service}), `);
  });

  it('names the models whose price is not known', async () => {
    const summary = await agentSummary();
    const unpriced = { provider: 'me', model: 'my-model', calls: 2, errors: 1, unpricedCalls: 1 };
    const models = [...summary.models, { ...unpriced, inputTokens: 1, outputTokens: 1 }];
    const totals = { ...summary.totals, unpricedCalls: 2 };
    const text = toText({ ...summary, models, totals });
    expect(text).toContain(
      '1 LLM call unpriced: no usage in the response, or one that is not known in full\n',
    );
    expect(text).toContain('1 LLM call unpriced: no known price for my-model');
    const dated = toText({ ...summary, models, totals, prices: { date: '2026-11-27' } });
    expect(dated).toContain('no known price for my-model in the table of 2026-11-27 (`setPrices`');
    expect(toText({ ...summary, prices: { date: '2026-05-01' } })).toContain(
      'prices are of 2026-05-01 (`refreshPrices` gets newer ones)',
    );
  });

  it('says how well it went, and what a cache saved', async () => {
    const summary = await agentSummary();
    const totals = {
      ...summary.totals,
      successRate: 0.5,
      costPerSuccessUsd: 0.03,
      cacheHits: 2,
      cacheSavedSeconds: 3,
      cacheSavedUsd: 0.01,
    };
    const errors = [
      { type: 'timeout', segment: 'chat gpt-4o', count: 2 },
      { type: 'TypeError', segment: 'search', count: 1 },
    ];
    const other = { model: 'gpt-4o-mini', calls: 1, errors: 0, inputTokens: 10, outputTokens: 5 };
    const models = [...summary.models, other];
    const text = toText({ ...summary, totals, errors, models });
    expect(text).toContain('  50.0 % of 2 traces succeeded · $0.030 per success\n');
    expect(text).toContain('  2 LLM calls answered from a cache: 3.00 s and $0.010 saved\n');
    expect(text).toContain(
      '  by model: gpt-4o 10,000 in, 500 out, $0.030 · gpt-4o-mini 10 in, 5 out\n',
    );
    expect(text).toContain('  errors: timeout in chat gpt-4o (2 times) · TypeError in search\n');
  });

  it('lists no more than a person reads', async () => {
    const summary = await agentSummary();
    const errors = Array.from({ length: 30 }, (_, index) => ({
      type: `E${index}`,
      segment: 'a\u001B[2J',
      count: 1,
    }));
    const text = toText({ ...summary, errors });
    expect(text).toContain('E4 in a [2J · 25 more');
    expect(text).not.toContain('E5 ');
  });

  it('shows what calls cost with all inside them when that is asked for', async () => {
    const summary = await agentSummary();
    expect(toText(rerank(summary, 'cost'))).toMatch(/Total cost[^]*answer.*\$0\.030/);
  });

  it.each(['total', 'waste'] as const)('has a column for what it is ranked by: %s', async (by) => {
    const [head = ''] = /# {2}Segment.*/.exec(toText(rerank(await agentSummary(), by))) ?? [];
    expect(head).toContain(by === 'total' ? 'Total' : 'Wasted');
  });

  it('shows what a row would save when that is known, and ranks by it', async () => {
    const summary = await agentSummary();
    const [chat, search, answer] = summary.bottlenecks.map(({ savingSeconds, ...row }, index) => {
      expect(savingSeconds).toBe(row.criticalSeconds);
      return index === 1 ? row : { ...row, savingSeconds: index / 10 };
    });
    const text = toText(rerank({ ...summary, bottlenecks: [search!, chat!, answer!] }, 'saving'));
    expect(text).toContain('ranked by saving');
    const rows = text.split('\n').filter((line) => /^ +\d /.test(line));
    expect(rows.map((line) => line.trim().split(/ {2,}/).slice(1, 5))).toEqual([
      ['answer', '5.0 %', '100 ms', '200 ms'],
      ['chat gpt-4o', '80.0 %', '1.60 s', '0 s'],
      ['search', '15.0 %', '300 ms', '-'],
    ]);
  });

  it('links to the slowest spans of the first rows', async () => {
    const summary = await agentSummary();
    const many = Array.from({ length: 7 }, () => summary.bottlenecks[1]!);
    const text = toText(
      { ...summary, bottlenecks: [{ ...summary.bottlenecks[0]!, slowest: [] }, ...many] },
      { jaegerUrl: 'https://user:secret@jaeger.example/base/?a=1' },
    );
    const { traceId, spanId } = summary.bottlenecks[1]!.slowest[0]!;
    const link = `https://jaeger.example/base/trace/${traceId}?uiFind=${spanId}`;
    expect(text.split('\n').filter((line) => line.includes('/trace/'))).toEqual(
      Array.from({ length: 4 }, () => `  slowest search, 150 ms: ${link}`),
    );
    expect(text).not.toContain('secret');
  });

  it('makes no link of what is no id', async () => {
    const [row] = (await agentSummary()).bottlenecks;
    const slowest = [{ traceId: '../../evil', spanId: '1', seconds: 1 }];
    const summary = { ...(await agentSummary()), bottlenecks: [{ ...row!, slowest }] };
    expect(toText(summary, { jaegerUrl: 'http://localhost:16686' })).not.toContain('http');
  });

  it('has no column for figures that no row has', () => {
    const sdk = startSdk();
    segment('work', () => 1);
    const [head = ''] = /# {2}Segment.*/.exec(toText(sdk.bottlenecks.summary())) ?? [];
    expect(head.trim().split(/\s+/)).toEqual(
      '# Segment Share Critical Saving Self Calls p50 p95'.split(' '),
    );
  });

  it('shows the amounts of a column with the same decimals', async () => {
    const summary = await agentSummary();
    const row = { ...summary.bottlenecks[0]!, costUsd: 0.00041 };
    const text = toText({ ...summary, bottlenecks: [summary.bottlenecks[0]!, row] });
    expect(text).toContain('$0.03000');
    expect(text).toContain('$0.00041');
  });

  it.each([
    [
      undefined,
      undefined,
      'toText: expected a summary, or a result of `diffSummaries`, `checkBudgets`, `runSteps` or `whatIf`, got undefined',
    ],
    [
      'text',
      undefined,
      'toText: expected a summary, or a result of `diffSummaries`, `checkBudgets`, `runSteps` or `whatIf`, got a string',
    ],
    [{}, undefined, '`runSteps` or `whatIf`, got an object'],
    [[{}], undefined, '`runSteps` or `whatIf`, got an array'],
    [{}, { color: 'no' }, '`color` to be true or false, got a string'],
    [{}, { top: -1 }, '`top` to be a whole number of at least 1, got -1'],
    [{}, { topp: 1 }, 'toText: unknown option "topp", expected one of: top, color, width, ascii'],
    [{}, { jaegerUrl: 'localhost:16686' }, 'such as http://localhost:16686, got a string'],
  ])('is told of wrong use: %j, %j', (summary, options, message) => {
    expect(() => toText(summary as unknown as Summary, options as TextOptions)).toThrow(message);
  });

  it('says so when there is nothing yet', () => {
    expect(toText(startSdk().bottlenecks.summary())).toContain('No trace has ended yet');
  });

  it('does not measure a name that is a whole document', () => {
    const sdk = startSdk();
    for (let n = 0; n < 20; n += 1) segment(`${'日本'.repeat(50_000)} ${n}`, () => 1);
    const lines = toText(sdk.bottlenecks.summary()).split('\n');
    expect(lines.filter((line) => line.includes('日')).every((line) => line.includes('…'))).toBe(
      true,
    );
  });

  it('turns no text around, and hides none', () => {
    expect(singleLine('a\u202eb\u200bc\u2028d')).toBe('a b c d');
  });

  it('lets no name command the terminal, nor break the table', () => {
    const sdk = startSdk();
    segment(`clear\u001b[2J\nscreen ${'x'.repeat(80)}`, () => 1);
    const text = toText(sdk.bottlenecks.summary());
    expect(text).not.toContain('\u001b');
    expect(text.split('\n').find((line) => line.includes('clear'))).toContain('…');
  });
});

describe('the JSON', () => {
  it('has lists of numbers on one line, and leaves text as it is', async () => {
    const summary = { ...(await agentSummary()), warnings: ['[\n1,\n2\n]', '[ 1 ]'] };
    expect(toJson(summary)).toContain('"nanos": [1000000000,1000000000]');
    expect(JSON.parse(toJson(summary))).toEqual(summary);
  });

  it('is the summary, and comes back as it was', async () => {
    const summary = await agentSummary();
    expect(JSON.parse(toJson(summary))).toEqual(summary);
    expect(Object.keys(summary)).toEqual([
      'schemaVersion',
      'generatedAt',
      'services',
      'rankedBy',
      'observedSeconds',
      'observedFromEpochSeconds',
      'traces',
      'spans',
      'latency',
      'totals',
      'bottlenecks',
      'entryPoints',
      'slowest',
      'models',
      'errors',
      'insights',
      'pictures',
      'warnings',
    ]);
  });
});

describe('figures', () => {
  it.each([
    [0, '0 s'],
    [-1, '0 s'],
    [3e-9, '3.00 ns'],
    [1.5e-6, '1.50 µs'],
    [0.0999, '99.9 ms'],
    [0.99951, '1.00 s'],
    [9.999, '10.0 s'],
    [59.99, '1.00 min'],
    [90, '1.50 min'],
    [7_200, '120 min'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it.each([
    [0, '$0'],
    [0.00031234, '$0.00031'],
    [0.0125, '$0.013'],
    [0.25, '$0.25'],
    [2e-7, '<$0.000001'],
    [12.5, '$12.50'],
  ])('%d dollars are %s', (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });
});
