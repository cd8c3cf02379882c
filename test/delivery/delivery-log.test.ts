import { describe, expect, it } from 'vitest';
import { DEFAULT_ENDPOINT, DeliveryLog } from '../../src/delivery/delivery-log.js';

const ENDPOINT = 'http://localhost:1/v1/traces';

function start(endpoint = ENDPOINT) {
  const lines: string[] = [];
  return { lines, log: new DeliveryLog(endpoint, (line) => lines.push(line)) };
}

describe('DeliveryLog', () => {
  it('says once that spans do not arrive, and once that they do again', () => {
    const { lines, log } = start();
    log.note({ kind: 'waiting', reason: 'HTTP 503' }, 0);
    log.note({ kind: 'dropped', reason: 'no answer in time' }, 2);
    log.note({ kind: 'arrived' }, 2);
    log.note({ kind: 'arrived' }, 2);
    expect(lines).toEqual([
      `hotspan: spans do not arrive at ${ENDPOINT} (HTTP 503); the summary is complete without them.`,
      `hotspan: spans arrive at ${ENDPOINT} again; 2 were dropped.`,
    ]);
    expect(log.reason).toBe('no answer in time');
  });

  it('says how to start Jaeger where one was expected', () => {
    const { lines, log } = start(DEFAULT_ENDPOINT);
    log.note({ kind: 'waiting', reason: 'connection refused' }, 0);
    expect(lines[0]).toContain('docker compose');
  });

  it('says once that the queue is full, however often it is', () => {
    const { lines, log } = start();
    for (let i = 1; i < 100; i += 1) {
      log.note({ kind: 'full', reason: 'the queue was full' }, i);
      log.note({ kind: 'arrived' }, i);
    }
    expect(lines).toHaveLength(1);
  });

  it('says once that spans are rejected', () => {
    const { lines, log } = start();
    for (let i = 1; i < 100; i += 1) log.note({ kind: 'rejected', reason: 'rejected' }, i);
    expect(lines).toHaveLength(1);
  });

  it('survives a log that throws', () => {
    const log = new DeliveryLog(ENDPOINT, () => {
      throw new Error('from the log');
    });
    expect(() => log.note({ kind: 'waiting', reason: 'HTTP 503' }, 0)).not.toThrow();
  });
});
