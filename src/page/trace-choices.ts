import type { PictureTrace } from '../summary.js';
import { inTime } from './amounts.js';

export interface TraceButton {
  readonly trace: PictureTrace;
  /** What it is, before the name of its entry point: `The slowest`. */
  readonly title: string;
  /** `Slowest 17.8 s` */
  readonly button: string;
}

export interface EntryTraces {
  readonly name: string;
  readonly service: string;
  readonly traces: readonly TraceButton[];
}

const NTH = ['', '2nd ', '3rd '];

/** The traces of each entry point, in their order, and what they are called. */
export function choicesOf(traces: readonly PictureTrace[]): EntryTraces[] {
  const entries = new Map<string, PictureTrace[]>();
  for (const trace of traces) {
    const key = `${trace.service}\n${trace.name}`;
    const ofEntry = entries.get(key) ?? [];
    ofEntry.push(trace);
    entries.set(key, ofEntry);
  }
  return [...entries.values()].map((ofEntry) => {
    const { name, service } = ofEntry[0]!;
    return { name, service, traces: ofEntry.map((trace) => choiceOf(trace, ofEntry)) };
  });
}

function choiceOf(trace: PictureTrace, all: readonly PictureTrace[]): TraceButton {
  const time = inTime(trace.seconds);
  if (trace.why === 'typical') return { trace, title: 'A typical', button: `Typical ${time}` };
  const rank = all.filter((it) => it.why === 'slowest' && it.seconds > trace.seconds).length;
  const nth = NTH[rank] ?? `${rank + 1}th `;
  const button = `${nth === '' ? 'Slowest' : `${nth}slowest`} ${time}`;
  return { trace, title: `The ${nth}slowest`, button };
}

/** `06:59:51 UTC`; nothing if it is no time. */
export function clockOf(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000);
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(11, 19)} UTC`;
}
