import type { Bottleneck, Summary } from 'hotspan/processor';
import { diffSummaries, toMarkdown, toText } from 'hotspan/report';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/random.js';
import { simulatedSummary, type SimulatedProgram } from '../support/simulated-summary.js';

const program: SimulatedProgram = { traces: 200, steps: 10, sigma: 0.25 };
const random = seededRandom(4);
const before = simulatedSummary(random, program);
const again = simulatedSummary(random, program);
const slower = simulatedSummary(random, { ...program, steps: 11, factor: 1.5, price: 0.3 });
const diff = diffSummaries(before, slower);

const older = (summary: Summary): Summary =>
  JSON.parse(
    JSON.stringify(summary, (key, value: unknown) => (key === 'durations' ? undefined : value)),
  ) as Summary;

describe('the text of a diff', () => {
  it('says what changed, where, and what is noise', () => {
    expect(`\n${toText(diff, { top: 4 })}\n`).toMatchInlineSnapshot(`
      "
      200 traces before, 200 after

                         Before    After   Change
       p50               566 ms   728 ms  +28.6 %  slower
       p95               666 ms   846 ms  +27.1 %  slower
       p99               710 ms   899 ms  +26.6 %  noise
       succeeded         86.5 %   87.5 %   +1.2 %  noise
       cost per trace    $0.011  $0.0034  -68.8 %  cheaper
       cost per success  $0.013  $0.0039  -69.1 %  cheaper
       tokens per trace     113      118   +4.0 %  noise

       Segment           Critical   Change                p50                p95  Calls         Cost/call
       step 9     104 ms → 155 ms  +49.7 %    101 ms → 149 ms    149 ms → 224 ms      1                 -  slower (p50, p95, critical)
       step 0   10.8 ms → 10.2 ms   -5.4 %  10.2 ms → 9.89 ms  16.6 ms → 14.5 ms      1  $0.011 → $0.0034  cheaper (cost)
       root                   0 s        -    566 ms → 728 ms    666 ms → 846 ms      1                 -  slower (p50, p95)
       step 7   82.4 ms → 84.0 ms   +1.9 %  78.2 ms → 81.4 ms    131 ms → 118 ms      1                 -  noise
        critical, calls: per trace; 7 more rows

        · only after: step 10

      Better: cost per trace -68.8 %, cost per success -69.1 %, step 0 cost -68.8 %; worse: p50 +28.6 %, p95 +27.1 %, step 9 p50 +48.4 %, root p50 +28.6 %.
      "
    `);
  });

  it('says so when nothing changed', () => {
    const text = toText(diffSummaries(before, again));
    expect(text.split('\n').at(-1)).toBe('Nothing got better or worse by more than noise.');
    expect(text).toContain('noise');
    expect(text).not.toMatch(/slower|faster|cheaper|dearer/);
  });

  it('has colour codes only when they are asked for, and dims the noise', () => {
    const escape = String.fromCharCode(27);
    expect(toText(diff)).not.toContain(escape);
    const colored = toText(diff, { color: true });
    const lineOf = (name: string) => colored.split('\n').find((line) => line.includes(name)) ?? '';
    expect(lineOf('step 2')).toContain(`${escape}[2m`);
    expect(lineOf('step 9 ')).not.toContain(`${escape}[2m`);
  });

  it('holds on to nothing', () => {
    const nothing = simulatedSummary(random, { ...program, traces: 0 });
    const sides: [Summary, Summary][] = [
      [nothing, nothing],
      [nothing, slower],
      [slower, nothing],
    ];
    for (const [a, b] of sides) {
      expect(toText(diffSummaries(a, b))).not.toMatch(/NaN|undefined|Infinity/);
      expect(toMarkdown(diffSummaries(a, b))).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it.each([
    [diff, { top: 0 }, 'expected `top` to be a whole number of at least 1, got 0'],
    [diff, { rows: 1 }, 'unknown option "rows", expected one of: top, color, width, ascii'],
  ])('refuses wrong use: %#', (value, options, why) => {
    expect(() => toText(value as never, options as never)).toThrow(`toText: ${why}`);
  });
});

describe('the Markdown of a diff', () => {
  it('has the same tables', () => {
    expect(`\n${toMarkdown(diff)}\n`).toMatchInlineSnapshot(`
      "
      **Better: cost per trace -68.8 %, cost per success -69.1 %, \`step 0\` cost -68.8 %; worse: p50 +28.6 %, p95 +27.1 %, \`step 9\` p50 +48.4 %, \`root\` p50 +28.6 %.**

      | 200 traces before, 200 after | Before | After | Change |  |
      | :--- | ---: | ---: | ---: | :--- |
      | p50 | 566 ms | 728 ms | +28.6 % | slower |
      | p95 | 666 ms | 846 ms | +27.1 % | slower |
      | p99 | 710 ms | 899 ms | +26.6 % | noise |
      | succeeded | 86.5 % | 87.5 % | +1.2 % | noise |
      | cost per trace | $0.011 | $0.0034 | -68.8 % | cheaper |
      | cost per success | $0.013 | $0.0039 | -69.1 % | cheaper |
      | tokens per trace | 113 | 118 | +4.0 % | noise |

      | Segment | Critical | Change | p50 | p95 | Calls | Cost/call |  |
      | :--- | ---: | ---: | ---: | ---: | ---: | ---: | :--- |
      | \`step 9\` | 104 ms → 155 ms | +49.7 % | 101 ms → 149 ms | 149 ms → 224 ms | 1 | - | slower (p50, p95, critical) |
      | \`step 0\` | 10.8 ms → 10.2 ms | -5.4 % | 10.2 ms → 9.89 ms | 16.6 ms → 14.5 ms | 1 | $0.011 → $0.0034 | cheaper (cost) |
      | \`root\` | 0 s | - | 566 ms → 728 ms | 666 ms → 846 ms | 1 | - | slower (p50, p95) |

      8 more rows, unchanged

      - only after: \`step 10\`
      "
    `);
  });

  it('lets nothing in a name be read as Markdown, HTML or a mention', () => {
    const name = '@octocat https://e.example a | b\n`c` [d](http://e) <script>';
    const named = (summary: Summary): Summary => ({
      ...summary,
      bottlenecks: summary.bottlenecks.map((row) => ({ ...row, name: row.name + name })),
      warnings: ['<b> of @octocat'],
    });
    const page = micromark(toMarkdown(diffSummaries(named(before), named(slower))), {
      extensions: [gfm()],
      htmlExtensions: [gfmHtml()],
    });
    expect(page).toMatch(
      /<code>step 9@octocat https:\/\/e\.example a \|[^<]*…[^<]*&lt;script&gt;<\/code>/,
    );
    const outside = page.replace(/<code>.*?<\/code>/gs, '');
    expect(outside).not.toMatch(/<(a|script|b)\b|@octocat/);
    expect(outside).toContain('worse: p50');
  });

  it('says how many rows are not in the table, and why', () => {
    expect(toMarkdown(diff, { top: 1 })).toContain(
      '\n\n2 more rows that changed; 8 more rows, unchanged\n\n',
    );
    expect(toMarkdown(diffSummaries(older(before), again))).toContain(
      '\n\n11 more rows with unknown changes\n\n',
    );
    expect(() => toMarkdown(diff, { top: 0 })).toThrow(
      'toMarkdown: expected `top` to be a whole number of at least 1, got 0',
    );
  });
});

describe('the last line of a diff', () => {
  const lastLine = (a: Summary, b: Summary) => toText(diffSummaries(a, b)).split('\n').at(-1);
  const withRow = (name: string, change: Partial<Bottleneck>): Summary => ({
    ...before,
    bottlenecks: before.bottlenecks.map((row) => (row.name === name ? { ...row, ...change } : row)),
  });

  it('names the rows of which anything changed, cost, errors and calls too', () => {
    const [dearer, failing] = [
      withRow('step 0', { costUsd: 90 }),
      withRow('step 4', { errors: 90 }),
    ];
    expect(lastLine(before, dearer)).toMatch(/^Worse: step 0 cost \d+(\.\d)?×\.$/);
    expect(lastLine(dearer, before)).toMatch(/^Better: step 0 cost -9\d\.\d %\.$/);
    expect(lastLine(before, failing)).toMatch(/^Worse: step 4 errors /);
    expect(lastLine(failing, before)).toMatch(/^Better: step 4 errors -\d\d/);
    expect(lastLine(before, withRow('step 4', { calls: 900 }))).toMatch(
      /worse: step 4 calls \+350/,
    );
  });

  it('names a row on both sides when something in it got better and something worse', () => {
    const mixed = withRow('step 0', { costUsd: 90, criticalSeconds: 0.01 });
    expect(lastLine(before, mixed)).toMatch(/^Better: step 0 critical -9.*; worse: step 0 cost /);
  });

  it('says of what it cannot be told, and no row calls that noise', () => {
    expect(lastLine(older(before), again)).toBe(
      'As far as is known, nothing got better or worse by more than noise; ' +
        'unknown: p50, p95, p99, figures of 11 segments.',
    );
    expect(lastLine(older(before), slower)).toMatch(
      /^Better: cost per trace .*; worse: step 9 critical .*; unknown: p50, p95, p99, figures/,
    );
    const rows = toText(diffSummaries(older(before), again))
      .split('\n')
      .slice(11, -4);
    expect(rows.filter((line) => /step|root/.test(line))).toHaveLength(11);
    expect(rows.join('\n')).not.toMatch(/noise|same/);
  });

  it('names the service of a row where there are several', () => {
    const both = (summary: Summary): Summary => ({
      ...summary,
      bottlenecks: summary.bottlenecks.flatMap((row) => [row, { ...row, service: 'shop' }]),
    });
    const text = toText(diffSummaries(both(before), both(slower)));
    expect(text.split('\n').at(-1)).toMatch(/step 9 \((test|shop)\) p50 \+/);
    expect(text).toMatch(/only after: step 10 \(shop\), step 10 \(test\)/);
  });
});
