import type { SegmentCpuProfile, Summary } from 'hotspan/processor';
import { toMarkdown, toText } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { BottleneckSpanProcessor } from '../../src/processor/bottleneck-span-processor.js';

const parse: SegmentCpuProfile = {
  segment: 'parse',
  service: 'shop',
  calls: 2,
  seconds: 0.2,
  samples: 190,
  exact: true,
  functions: [
    {
      name: 'tokenize',
      file: 'src/parser.js',
      line: 12,
      samples: 150,
      selfSeconds: 0.15,
      totalSeconds: 0.17,
      share: 0.75,
    },
    {
      name: '(garbage collector)',
      samples: 20,
      selfSeconds: 0.03,
      totalSeconds: 0.03,
      share: 0.15,
    },
  ],
};

function textOf(cpuProfiles: readonly SegmentCpuProfile[], services = ['shop']): string {
  const summary: Summary = { ...new BottleneckSpanProcessor().summary(), services, cpuProfiles };
  return toText(summary);
}

describe('the text of what ran inside segments', () => {
  it('names the functions with most self time', () => {
    expect(`\n${textOf([parse])}\n`).toMatchInlineSnapshot(`
      "
      shop · 0 traces in 0 s

      No trace has ended yet: nothing to rank.

        inside parse: 200 ms in 2 calls, 190 samples
            Self   Share    Total  Function             File
          150 ms  75.0 %   170 ms  tokenize             src/parser.js:12
         30.0 ms  15.0 %  30.0 ms  (garbage collector)  -
      "
    `);
  });

  it('names the service when there are several, and says what is not exact', () => {
    const text = textOf([{ ...parse, exact: false, note: 'not all samples' }], ['shop', 'bank']);
    expect(text).toContain(
      '  inside parse (shop): 200 ms in 2 calls, 190 samples; not all samples',
    );
  });

  it('is short: 5 functions of 5 segments, and none that only waited', () => {
    const functions = Array.from({ length: 9 }, (_, n) => ({
      ...parse.functions[0]!,
      name: `function ${n}`,
    }));
    const profiles = Array.from({ length: 8 }, (_, n) => ({
      ...parse,
      segment: `segment ${n}`,
      functions,
    }));
    const text = textOf([{ ...parse, segment: 'waits', samples: 0, functions: [] }, ...profiles]);
    expect(text).not.toContain('waits');
    expect(text.match(/inside segment/g)).toHaveLength(5);
    expect(text.match(/function \d/g)).toHaveLength(25);
    expect(text).toContain('  3 more segments with a CPU profile');
  });

  it('prints no control characters of names', () => {
    const text = textOf([
      {
        ...parse,
        segment: 'a\u001b[2J',
        functions: [{ ...parse.functions[0]!, name: 'b\u001b[2J' }],
      },
    ]);
    expect(text).not.toContain('\u001b');
  });
});

describe('the Markdown of what ran inside segments', () => {
  it('has the same as tables, with names as code', () => {
    const summary = { ...new BottleneckSpanProcessor().summary(), cpuProfiles: [parse] };
    const markdown = toMarkdown({ ...summary, services: ['shop', 'bank'] });
    expect(`\n${markdown.slice(markdown.indexOf('####'))}\n`).toMatchInlineSnapshot(`
      "
      #### CPU profiles

      inside \`parse (shop)\`: 200 ms in 2 calls, 190 samples

      | Self | Share | Total | Function | File |
      | ---: | ---: | ---: | :--- | :--- |
      | 150 ms | 75.0 % | 170 ms | \`tokenize\` | \`src/parser.js:12\` |
      | 30.0 ms | 15.0 % | 30.0 ms | \`(garbage collector)\` | - |
      "
    `);
    expect(toMarkdown({ ...summary, cpuProfiles: [] })).not.toContain('####');
  });
});
