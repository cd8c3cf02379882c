import { isSpanContextValid } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { idGenerator } from '../../src/node/id-generator.js';

/** More than are made from one filling of random bytes. */
const MANY = 5_000;

function ids() {
  const make = () => [idGenerator.generateTraceId(), idGenerator.generateSpanId()] as const;
  return Array.from({ length: MANY }, make);
}

describe('idGenerator', () => {
  afterEach(() => vi.restoreAllMocks());

  it('makes valid ids, each once, each digit of which varies', () => {
    const all = ids();
    for (const [traceId, spanId] of all) {
      expect(isSpanContextValid({ traceId, spanId, traceFlags: 0 })).toBe(true);
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    }
    expect(new Set(all.map(([traceId]) => traceId)).size).toBe(MANY);
    expect(new Set(all.map(([, spanId]) => spanId)).size).toBe(MANY);
    for (let digit = 0; digit < 48; digit += 1) {
      const seen = new Set(all.map(([traceId, spanId]) => (traceId + spanId)[digit]));
      expect([...seen].sort().join('')).toBe('0123456789abcdef');
    }
  });

  it('never makes an id of zeros alone', async () => {
    vi.resetModules();
    let fillings = 0;
    const fill = (bytes: Uint8Array) => bytes.fill((fillings += 1) === 1 ? 0 : 0xab);
    const crypto = process.getBuiltinModule('node:crypto');
    vi.spyOn(crypto, 'randomFillSync').mockImplementation(fill as typeof crypto.randomFillSync);
    const { idGenerator: unlucky } = await import('../../src/node/id-generator.js');
    expect(unlucky.generateSpanId()).toBe('ab'.repeat(8));
    expect(unlucky.generateTraceId()).toBe('ab'.repeat(16));
  });
});
