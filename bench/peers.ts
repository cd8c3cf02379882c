/** Measures what a span costs with tools that users would pick instead. */
import { runChild } from './child.js';
import { cells, micros, table, times } from './markdown.js';
import type { MeasuredPeer, SpanCost } from './measure-peer.js';
import { BARE, HOTSPAN, installedPeers, QUIET, ROOT, type PeerEntry } from './peer-list.js';
import { startReceiver } from './receiver.js';
import type { Findings, Section, Settings } from './section.js';
import { median, ratiosOf, spreadOf } from './statistics.js';

const PAIRS = 2_000;
const ROUNDS = 6;

interface Measured extends SpanCost {
  /** How many bytes per span arrived. */
  readonly bytes: number;
}

/** Measures the cost of a span in its own process. */
async function measure(entry: PeerEntry, isSent: boolean): Promise<Measured> {
  const receiver = await startReceiver();
  try {
    const endpoint = isSent ? receiver.endpoint : '';
    const args = ['spans', entry.program, endpoint, String(PAIRS), String(ROUNDS)];
    const cost = await runChild<MeasuredPeer>('peer-process', args, [], QUIET);
    const received = await receiver.received();
    return { ...cost, bytes: received.bytes / cost.spans };
  } finally {
    receiver.close();
  }
}

/** Returns the table for one kind of export. A sentence replaces a peer that fails. */
async function compare(
  entries: readonly PeerEntry[],
  isSent: boolean,
  rounds: number,
): Promise<string> {
  const rows: string[][] = [];
  const allBare: Measured[] = [];
  const notes: string[] = [];
  for (const entry of entries) {
    const bare: Measured[] = [];
    const own: Measured[] = [];
    try {
      for (let round = 0; round < rounds; round += 1) {
        const order = [[BARE, bare] as const, [entry, own] as const];
        for (const [which, costs] of round % 2 === 0 ? order : order.reverse()) {
          costs.push(await measure(which, isSent));
        }
      }
    } catch (error) {
      notes.push(`${entry.name} is left out: ${firstLine(error)}`);
      continue;
    }
    allBare.push(...bare);
    const ratios = (figure: keyof SpanCost) =>
      ratiosOf(figures(own, figure), figures(bare, figure));
    rows.push([
      entry.name,
      micros(median(figures(own, 'busy'))),
      ...cells(spreadOf(ratios('busy')), times),
      times(median(ratios('cpu'))),
      ...(isSent ? [median(figures(own, 'bytes')).toFixed(0)] : []),
    ]);
  }
  if (allBare.length > 0) {
    const one = times(1);
    const bytes = isSent ? [median(figures(allBare, 'bytes')).toFixed(0)] : [];
    rows.unshift([
      BARE.name,
      micros(median(figures(allBare, 'busy'))),
      one,
      one,
      one,
      one,
      ...bytes,
    ]);
  }
  const head = [
    isSent ? 'sent to a receiver' : 'discarding exporter',
    'a span',
    'min',
    'median',
    'max',
    'processor time',
  ];
  return [table(isSent ? [...head, 'bytes a span'] : head, rows), ...notes].join('\n\n');
}

function figures(costs: readonly Measured[], figure: keyof Measured): number[] {
  return costs.map((cost) => cost[figure]);
}

function firstLine(error: unknown): string {
  const message = (error as { stderr?: string }).stderr ?? String(error);
  const lines = message.split('\n').map((line) => line.trim());
  const line = lines.find((one) => /^\w*Error: |refused/.test(one)) ?? 'it failed.';
  return line.replaceAll(ROOT, '');
}

async function run({ isQuick }: Settings): Promise<Findings> {
  const entries = [HOTSPAN, ...installedPeers()];
  const rounds = isQuick ? 1 : 7;
  const thrownAway = await compare(entries, false, rounds);
  const sent = await compare(entries, true, rounds);
  return { text: `${thrownAway}\n\n${sent}`, goals: [] };
}

/** The section. */
export const peersSection: Section = {
  name: 'peers',
  title: 'Peers',
  about:
    'Each tool makes the same async pairs as its documentation shows, and records and exports ' +
    'everything (autotel samples a tenth by default). Each runs in its own process, in turns ' +
    'with a process of the bare SDK, which is 1.00×. Ratios between processes are accurate to ' +
    'some 20 %. A receiver on loopback accepts all formats.',
  run,
};
