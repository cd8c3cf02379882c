import { formatSeconds } from '../format.js';
import type { Summary } from '../summary.js';
import { rowName, type Form } from './form.js';

const MAX_LINES = 3;
/** Of all time: smaller waits explain no row that matters. */
const MIN_SHARE = 0.02;
const MIN_IDLE_SHARE = 0.05;

/** Says which rows waited for which: that time is in the rows that they waited for. */
export function waitLines({ bottlenecks, services, latency }: Summary, form: Form): string[] {
  const nameOf = (name: string, service: string) =>
    form.name(rowName({ name, service }, services.length > 1), 44);
  return bottlenecks
    .flatMap(({ name, service, waitsFor = [] }) =>
      waitsFor.map((wait) => ({ ...wait, waiting: nameOf(name, service) })),
    )
    .filter(({ seconds }) => seconds >= MIN_SHARE * latency.totalSeconds)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, MAX_LINES)
    .map(({ waiting, row, service, seconds }) => {
      return `${waiting} waited ${formatSeconds(seconds)} for ${nameOf(row, service)}`;
    });
}

const NO_WORK =
  'idle (a timer, a backoff, a pause or the network), which faster code does not shorten';

/** Says of which rows a part of the critical time is no work. */
export function idleLines({ bottlenecks, services, latency }: Summary, form: Form): string[] {
  const idle = bottlenecks
    .filter(({ idleSeconds = 0 }) => idleSeconds >= MIN_IDLE_SHARE * latency.totalSeconds)
    .slice(0, MAX_LINES)
    .map((row) => {
      const name = form.name(rowName(row, services.length > 1), 44);
      return `${name} ${formatSeconds(row.idleSeconds ?? 0)}`;
    });
  return idle.length === 0 ? [] : [`${NO_WORK}: ${idle.join(', ')}`];
}
