import { formatSeconds } from '../format.js';
import type { Summary } from '../summary.js';
import { rowName, type Form } from './form.js';

const MAX_LINES = 5;

/** Says which rows waited for which: that time is in the rows that they waited for. */
export function waitLines({ bottlenecks, services }: Summary, form: Form): string[] {
  const nameOf = (name: string, service: string) =>
    form.name(rowName({ name, service }, services.length > 1), 44);
  return bottlenecks
    .flatMap(({ name, service, waitsFor = [] }) =>
      waitsFor.map((wait) => ({ ...wait, waiting: nameOf(name, service) })),
    )
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, MAX_LINES)
    .map(({ waiting, row, service, seconds }) => {
      return `${waiting} waited ${formatSeconds(seconds)} for ${nameOf(row, service)}`;
    });
}
