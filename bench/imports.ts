/** Measures how long each door takes to import, next to `@opentelemetry/api`, which each of them loads. */
import { runChild } from './child.js';
import { cells, millis, table, times } from './markdown.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { median, ratiosOf, spreadOf } from './statistics.js';

/** The cost of one import. */
export interface Cost {
  readonly wallMillis: number;
  readonly cpuMillis: number;
}

const DOORS = ['hotspan', 'hotspan/node', 'hotspan/processor', 'hotspan/report'];
const MODULES = ['@opentelemetry/api', ...DOORS];

async function run({ isQuick }: Settings): Promise<Findings> {
  const costs = MODULES.map(() => [] as Cost[]);
  const rounds = isQuick ? 5 : 31;
  // The first round reads the files from the disk.
  for (let round = -1; round < rounds; round += 1) {
    const order = MODULES.map((_, index) => index);
    for (const index of round % 2 === 0 ? order : order.reverse()) {
      const cost = await runChild<Cost>('import-process', [MODULES[index]!]);
      if (round >= 0) costs[index]!.push(cost);
    }
  }
  const of = (index: number, figure: keyof Cost) => costs[index]!.map((cost) => cost[figure]);
  const ratios = (index: number, figure: keyof Cost) => ratiosOf(of(index, figure), of(0, figure));
  const rows = MODULES.map((name, index) => [
    `\`${name}\``,
    millis(median(of(index, 'wallMillis'))),
    ...cells(spreadOf(ratios(index, 'wallMillis')), times),
    times(median(ratios(index, 'cpuMillis'))),
  ]);
  return {
    text: table(['', 'import', 'min', 'median', 'max', 'processor time'], rows),
    goals: [
      atMost(
        'import of `hotspan`, against that of the API',
        1.3,
        median(ratios(1, 'wallMillis')),
        times,
      ),
    ],
  };
}

/** The section. */
export const importsSection: Section = {
  name: 'imports',
  title: 'Imports',
  about:
    'This is how long `import` of each door takes, next to `@opentelemetry/api` alone, which each of them ' +
    'loads. Each import runs in its own process, and all take turns.',
  run,
};
