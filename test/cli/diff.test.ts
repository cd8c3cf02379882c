import { toJson } from '../../src/report/printable-summary.js';
import { describe, expect, it } from 'vitest';
import { summaryOf } from '../support/summary.js';
import { fixture } from '../readers/support.js';
import { folderForTests, hotspan } from './support.js';

const folder = folderForTests();
const slow = summaryOf({ name: 'search', p50Seconds: 1, p95Seconds: 2 });
const fast = {
  ...summaryOf({ name: 'search', p50Seconds: 0.1, p95Seconds: 0.2 }),
  latency: { ...slow.latency, totalSeconds: 0.3, p50Seconds: 0.1, p95Seconds: 0.2 },
};
const before = folder.write('before.json', toJson(slow));
const after = folder.write('after.json', toJson(fast));

describe('hotspan diff', () => {
  it.each(['', '--markdown', '--json', '--top 1'])('puts two sources side by side: %s', (text) => {
    const options = text.split(' ').filter((word) => word !== '');
    const { status, stdout, stderr } = hotspan(['diff', before, after, ...options]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe(hotspan(['diff', before, before, ...options]).stdout);
    if (text === '--json') expect(JSON.parse(stdout)).toBeTypeOf('object');
    if (text === '--markdown') expect(stdout).toContain('| --');
  });

  it('chooses among the traces, when one of the two is a saved summary', () => {
    const traces = fixture('sdk.otlp.jsonl');
    for (const sources of [
      [before, traces],
      [traces, before],
    ]) {
      const { status, stderr } = hotspan(['diff', ...sources, '--service', 'shop']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
    expect(hotspan(['diff', before, traces, '--service', 'x']).stderr).toContain(
      'no trace with a span of service "x"',
    );
    expect(hotspan(['diff', before, after, '--service', 'x']).stderr).toBe(
      `hotspan: ${before}: expected traces to choose from by service, but it is a saved summary\n`,
    );
  });
});
