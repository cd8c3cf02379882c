import { expect, it } from 'vitest';
import { withoutJobs, type Finding } from '../../src/insights/finding.js';
import type { Bottleneck, InsightKind } from '../../src/summary.js';

const finding = (kind: InsightKind, segment: string): Finding => ({
  ...{ kind, segment, service: 'app', message: '', evidence: {} },
});
const row = (name: string, criticalSeconds: number, waits: Partial<Bottleneck> = {}) =>
  ({ name, service: 'app', criticalSeconds, ...waits }) as Bottleneck;

it('jobs of a queue, for which others wait, are not told as calls that could be made together', () => {
  const waitsFor = [
    { row: 'resize', service: 'app', seconds: 3 },
    { row: 'read', service: 'app', seconds: 0.1 },
  ];
  const findings = [
    finding('many-short-calls', 'resize'),
    finding('sequential-calls', 'resize'),
    finding('sequential-calls', 'read'),
    finding('slow-tail', 'resize'),
  ];
  const rows = [row('resize', 3.5), row('read', 2), row('enqueue', 0, { waitsFor })];
  expect(withoutJobs(findings, rows)).toEqual(findings.slice(2));
  expect(withoutJobs(findings, [row('resize', 3.5), row('read', 2)])).toEqual(findings);
});
