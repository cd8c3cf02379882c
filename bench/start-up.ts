/** Measures how long it takes to load and start tracing, before a program can begin its work. */
import { runChild } from './child.js';
import { cells, millis, table, times } from './markdown.js';
import { BARE, HOTSPAN, installedPeers, QUIET, type PeerEntry } from './peer-list.js';
import { startReceiver } from './receiver.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { median, ratiosOf, spreadOf } from './statistics.js';

interface Start {
  readonly wallMillis: number;
  readonly cpuMillis: number;
}

const EMPTY: PeerEntry = { name: 'a program that starts nothing', program: '' };

async function run({ isQuick }: Settings): Promise<Findings> {
  const receiver = await startReceiver();
  const entries = [EMPTY, BARE, HOTSPAN, ...installedPeers()];
  const starts = entries.map(() => [] as Start[]);
  const rounds = isQuick ? 3 : 21;
  // The first round reads the files from the disk.
  for (let round = -1; round < rounds; round += 1) {
    const order = entries.map((_, index) => index);
    for (const index of round % 2 === 0 ? order : order.reverse()) {
      const args = ['start', entries[index]!.program, receiver.endpoint];
      const start = await runChild<Start>('peer-process', args, [], QUIET);
      if (round >= 0) starts[index]!.push(start);
    }
  }
  receiver.close();

  const [empty, bare, hotspan] = starts;
  const net = (of: readonly Start[], figure: keyof Start) =>
    of.map((start, round) => start[figure] - empty![round]![figure]);
  const ratios = (of: readonly Start[], figure: keyof Start) =>
    ratiosOf(net(of, figure), net(bare!, figure));
  const rows = entries.slice(1).map(({ name }, at) => {
    const own = starts[at + 1]!;
    return [
      name,
      millis(median(net(own, 'wallMillis'))),
      ...cells(spreadOf(ratios(own, 'wallMillis')), times),
      times(median(ratios(own, 'cpuMillis'))),
    ];
  });
  const head = ['', 'import and start', 'min', 'median', 'max', 'processor time'];
  const node = millis(median(empty!.map(({ wallMillis }) => wallMillis)));
  return {
    text: `${table(head, rows)}\n\nThe ${node} that Node takes by itself are not included.`,
    goals: [
      atMost(
        'start-up, against the bare SDK with its exporter',
        1,
        median(ratios(hotspan!, 'wallMillis')),
        times,
      ),
    ],
  };
}

/** The section. */
export const startUpSection: Section = {
  name: 'start-up',
  title: 'Start-up',
  about:
    'This is the time from the start of the process until tracing has been imported and ' +
    'started, with its exporter, minus what an empty program takes. Each start is a process of ' +
    'its own, and all take turns. Ratios between processes are accurate to some 20 %.',
  run,
};
