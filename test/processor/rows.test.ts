import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
} from '@opentelemetry/api';
import { segment } from 'hotspan';
import type { BottleneckOptions, GroupedSpan } from 'hotspan/processor';
import { describe, expect, it, vi } from 'vitest';
import { fakeClock } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

const startSpan = (name: string, kind: SpanKind, attributes: Attributes, parent?: Span) =>
  trace
    .getTracer('test')
    .startSpan(
      name,
      { kind, attributes },
      parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
    );

function request(more: Attributes = {}): void {
  const method = { 'http.request.method': 'GET' };
  const server = startSpan('GET', SpanKind.SERVER, { ...method, 'url.path': '/ask/17' });
  const to = { ...method, 'server.address': 'crm.internal', ...more };
  startSpan('GET', SpanKind.CLIENT, to, server).end();
  // What a server finds of the route comes later.
  server.setAttribute('http.route', '/ask/:id');
  server.end();
}

function namesOf(bottlenecks: BottleneckOptions, work: () => void): string[] {
  const sdk = startSdk({ bottlenecks });
  work();
  return sdk.bottlenecks
    .summary()
    .bottlenecks.map(({ name }) => name)
    .sort();
}

describe('rows of live spans', () => {
  it('are named by what their attributes tell at the end', () => {
    expect(namesOf({}, request)).toEqual(['GET /ask/:id', 'GET crm.internal']);
  });

  it('keep the names of segments, whatever their attributes', () => {
    const attributes = { 'db.system': 'postgresql', 'db.statement': 'SELECT * FROM users' };
    const work = () => segment('load the user', { attributes }, () => 1);
    expect(namesOf({}, work)).toEqual(['load the user']);
  });

  it('are named by a function of the user, from kind and attributes, of running spans as well', () => {
    const groupName = (name: string, { kind, attributes }: GroupedSpan) =>
      `${kind} ${(attributes['app.tenant'] as string | undefined) ?? name}`;
    const names = namesOf({ groupName }, () => {
      request({ 'app.tenant': 'acme' });
      const root = startSpan('job', SpanKind.INTERNAL, {});
      startSpan('poll', SpanKind.INTERNAL, { 'app.tenant': 'umbrella' }, root);
      root.end();
    });
    expect(names).toEqual([
      'client acme',
      'internal job',
      'internal umbrella',
      'server GET /ask/:id',
    ]);
  });

  it('stand as they are where that function fails, which the summary says', () => {
    const sdk = startSdk({
      bottlenecks: {
        groupName: () => {
          throw new Error('no');
        },
      },
    });
    segment('work', () => 1);
    const { bottlenecks, warnings } = sdk.bottlenecks.summary();
    expect(bottlenecks.map(({ name }) => name)).toEqual(['work']);
    expect(warnings).toEqual([
      '`groupName` threw an error, so the names of spans were not grouped',
    ]);
  });

  it('are those of one entry point alone', () => {
    const names = namesOf({ entry: 'job' }, () => {
      request();
      segment('job', () => segment('step', () => 1));
    });
    expect(names).toEqual(['job', 'step']);
  });

  it('are none where no trace is of that entry point, which the summary says', () => {
    const sdk = startSdk({ bottlenecks: { entry: 'jop' } });
    segment('job', () => 1);
    expect(sdk.bottlenecks.summary().warnings).toEqual([
      'no trace of the entry point `jop` has ended; of others: `job`',
    ]);
  });

  it('have calls of a model that were made again as one operation', () => {
    const sdk = startSdk();
    const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
    const root = startSpan('answer', SpanKind.INTERNAL, {});
    for (let resends = 0; resends < 3; resends += 1) {
      const attributes = { ...chat, ...(resends > 0 && { 'http.request.resend_count': resends }) };
      const call = startSpan('chat gpt-4o', SpanKind.CLIENT, attributes, root);
      vi.advanceTimersByTime(10);
      if (resends < 2) call.setStatus({ code: SpanStatusCode.ERROR });
      call.end();
    }
    root.end();
    const { totals, bottlenecks, latency } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, attempts: 3, retries: 2, errors: 0 });
    const critical = bottlenecks.reduce((sum, row) => sum + row.criticalSeconds, 0);
    expect(critical).toBeCloseTo(latency.totalSeconds, 9);
  });
});

describe('values to group live spans by', () => {
  const summaryBy = (by?: string | string[]) => {
    const { bottlenecks } = startSdk({ bottlenecks: { by } });
    segment('ask', () => segment('chat', { attributes: { 'session.id': 'ann' } }, () => 1));
    return bottlenecks.summary();
  };

  it('are those of spans and of their resource', () => {
    const { by, warnings } = summaryBy(['session', 'service.name', 'tenant']);
    expect(by!.map(({ values }) => values.map(({ value, calls }) => [value, calls]))).toEqual([
      [['ann', 1]],
      [['test', 1]],
      [['(none)', 1]],
    ]);
    expect(warnings).toEqual(['no span had `tenant` to group by']);
  });

  it('stand in the summary only if they were asked for', () => {
    expect(JSON.stringify(summaryBy())).not.toContain('ann');
    expect(() => startSdk({ bottlenecks: { by: [''] } })).toThrow(
      /expected `by` to be a non-empty string, or a list of such/,
    );
  });
});
