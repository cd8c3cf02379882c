import type { ToolCase } from './other-tools.js';

export const OVERLAP_OF_CRISP =
  'CRISP takes siblings that overlap by less than 1 % of the trace for one after the other. hotspan does so only where clocks are that coarse: here they count microseconds, so no span waited for one that it overlaps.';

/** The traces in CRISP's `test_cases`, by their numbers: spans as `name start-end`, all but the root with `parent>` before. */
const CASES: readonly (readonly [
  number: string,
  spans: string,
  finds: ToolCase['finds'],
  otherwise?: string,
])[] = [
  ['1', 'A 0-100', { A: 100 }],
  ['2', 'A 0-100, A>B 10-60', { A: 50, B: 50 }],
  ['3', 'A 0-100, A>B 0-100', { B: 100 }],
  ['4', 'A 0-100, A>B 10-60, B>C 20-30', { A: 50, B: 40, C: 10 }],
  ['5', 'A 0-100, A>B1 10-30, A>B2 40-50, A>B3 60-90', { A: 40, B1: 20, B2: 10, B3: 30 }],
  ['6', 'A 0-100, A>B 10-30, A>C 40-50, A>D 60-90', { A: 40, B: 20, C: 10, D: 30 }],
  ['7', 'A 0-100, A>B 10-110, B>C 40-50', { A: 10, B: 80, C: 10 }],
  ['8', 'A 0-100, A>B 10-70, B>C 20-120', { A: 40, B: 10, C: 50 }],
  ['9', 'A 0-100, A>B 110-160, B>C 120-150, A>D 60-90', { A: 70, D: 30 }],
  [
    '10',
    'A 0-1000, A>B 10-210, A>C 209-309, A>D 308-608',
    { A: 400, B: 200, C: 100, D: 300 },
    OVERLAP_OF_CRISP,
  ],
  ['11', 'A 0-100, A>B 30-60', { A: 70, B: 30 }],
  ['12 and 13', 'A 0-100, A>B 10-70, B>C 25-45, B>D 30-50', { A: 40, B: 40, D: 20 }],
  ['14', 'A 0-80, A>B 10-30, A>C 20-45, A>D 40-65', { A: 35, B: 20, D: 25 }],
  [
    '15',
    'A 0-100, A>B 10-20, A>C 25-35, A>D 40-50, A>E 55-65, A>F 70-80, A>G 85-100',
    { A: 35, B: 10, C: 10, D: 10, E: 10, F: 10, G: 15 },
  ],
  [
    '16',
    'A 0-110, A>B 10-20, A>C 15-35, A>D 30-40, A>E 50-60, A>F 70-100, F>G 80-90',
    { A: 50, B: 10, D: 10, E: 10, F: 20, G: 10 },
  ],
  ['17', 'A 0-100, A>B 20-70, B>C 30-50, A>D 80-90', { A: 40, B: 30, C: 20, D: 10 }],
  [
    '18',
    'A 0-250, A>B 10-110, B>C 30-40, B>D 50-60, B>E 70-80, A>F 120-220, F>G 140-200, G>H 150-170, G>I 180-190',
    { A: 50, B: 70, C: 10, D: 10, E: 10, F: 40, G: 30, H: 20, I: 10 },
  ],
  [
    '19, 20 and 21',
    'A 0-600, A>B 10-210, A>C 205-305, A>D 300-600',
    { B: 200, C: 100, D: 300 },
    OVERLAP_OF_CRISP,
  ],
  ['22', 'A 0-300, A>B 50-100, A>C 150-200, A>D 250-300', { A: 150, B: 50, C: 50, D: 50 }],
  [
    '23, 24 and 25',
    'A 0-700, A>B 50-350, B>C 100-150, B>D 200-250, B>E 300-350, A>F 400-700, F>G 450-500, F>H 550-600, F>I 650-700',
    { A: 100, B: 150, C: 50, D: 50, E: 50, F: 150, G: 50, H: 50, I: 50 },
  ],
  [
    '26',
    'R 0-1000, R>A 100-600, A>S 105-609, S>X 550-609, R>Z 700-700, R>B 750-950, B>T 745-945',
    { R: 300, A: 5, S: 445, X: 50, B: 5, T: 195 },
  ],
];

export const CRISP_CASES = CASES.map(([number, spans, finds, otherwise]): ToolCase => {
  const what = `its case ${number}`;
  const found = { tool: 'CRISP', what, spans: spansOf(spans), finds } as const;
  return otherwise === undefined ? found : { ...found, otherwise };
});

function spansOf(text: string): ToolCase['spans'] {
  return text.split(', ').map((span) => {
    const [names = '', start, end] = span.split(/[ -]/);
    const [name = '', parent = ''] = names.split('>').reverse();
    return [name, parent, Number(start), Number(end)];
  });
}
