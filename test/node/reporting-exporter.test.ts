import { describe, expect, it, vi } from 'vitest';
import { ReportingExporter } from '../../src/node/reporting-exporter.js';

/** With plain numbers: 0 is success, 1 is failure, in every version of the SDK. */
type Done = (result: { code: number }) => void;

/** An exporter whose exports end when the test says so. */
function exporterWith(log: (line: string) => void) {
  const waiting: Done[] = [];
  const exporter = new ReportingExporter(
    {
      export: (_, done) => waiting.push(done),
      shutdown: () => Promise.resolve(),
    },
    'http://localhost:4318/v1/traces',
    log,
  );
  return { exporter, answer: (code: number) => waiting.shift()?.({ code }) };
}

const span = {} as never;

describe('ReportingExporter', () => {
  it('tells the batch processor of an answer that nobody waits for any more, and counts once', () => {
    const { exporter, answer } = exporterWith(() => undefined);
    const done = vi.fn();
    exporter.export([span, span], done);
    exporter.giveUp();
    answer(0);
    // Or its timer would keep the process alive for 30 seconds.
    expect(done).toHaveBeenCalledTimes(1);
    expect(exporter.delivery).toMatchObject({
      delivered: 0,
      failed: 2,
      reason: 'no answer in time',
    });
  });

  it('tells it also when the log throws', () => {
    const { exporter, answer } = exporterWith(() => {
      throw new Error('from the log');
    });
    const done = vi.fn();
    exporter.export([span], done);
    answer(1);
    expect(done).toHaveBeenCalledTimes(1);
    expect(exporter.delivery.failed).toBe(1);
  });

  it('says once that spans are lost, and once that they arrive again', () => {
    const lines: string[] = [];
    const { exporter, answer } = exporterWith((line) => lines.push(line));
    for (const code of [1, 1, 0, 0]) {
      exporter.export([span], () => undefined);
      answer(code);
    }
    expect(lines).toEqual([
      expect.stringContaining('do not arrive'),
      expect.stringContaining('arrive at http://localhost:4318/v1/traces again; 2 were lost'),
    ]);
  });
});
