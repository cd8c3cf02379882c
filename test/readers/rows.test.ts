import { readFileSync } from 'node:fs';
import type { GroupedSpan } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { criticalMillis, fixture, otlp, otlpSpan, summaryOf } from './support.js';

function attributes(values: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

const CLIENT = 3;
const SERVER = 2;

const file = (...spans: readonly object[]) => JSON.stringify(otlp({ shop: spans }));

describe('rows of spans read from files', () => {
  const request = file(
    otlpSpan({
      ...{ id: 'a', name: 'GET', start: 0, end: 100, kind: SERVER },
      attributes: attributes({ 'http.request.method': 'GET', 'url.path': '/users/17' }),
    }),
    otlpSpan({
      ...{ id: 'b', name: 'GET', parent: 'a', start: 10, end: 60, kind: CLIENT },
      attributes: attributes({
        ...{ 'http.request.method': 'GET', 'server.address': 'crm.example.com' },
        'app.tenant': 'acme',
      }),
    }),
    otlpSpan({
      ...{ id: 'c', name: 'pg.query:SELECT shop', parent: 'a', start: 60, end: 90, kind: CLIENT },
      attributes: attributes({
        ...{ 'db.system': 'postgresql', 'db.statement': 'SELECT * FROM users WHERE id = 17' },
        'db.name': 'shop',
      }),
    }),
  );

  it('are named by what their attributes tell', async () => {
    const summary = await summaryOf(request);
    expect(criticalMillis(summary)).toEqual({
      'GET crm.example.com': 50,
      'postgresql SELECT users': 30,
      'GET /users/{n}': 20,
    });
    expect(summary.entryPoints).toMatchObject([{ name: 'GET /users/{n}', calls: 1 }]);
    expect(summary.slowest.map(({ name }) => name)).toContain('GET /users/17');
  });

  it('are found by the name of the span, of the row, and by what is between', async () => {
    for (const name of ['GET', 'GET /users/{n}', 'GET /users/17', 'postgresql SELECT users']) {
      expect((await summaryOf(request, { name })).latency.count).toBe(1);
    }
    await expect(summaryOf(request, { name: 'POST' })).rejects.toThrow('no trace with');
  });

  it('are named by a function of the user, from all attributes', async () => {
    const groupName = (name: string, { kind, attributes: all }: GroupedSpan) =>
      `${kind} ${(all['app.tenant'] as string | undefined) ?? name}`;
    expect(criticalMillis(await summaryOf(request, { groupName }))).toEqual({
      'client acme': 50,
      'client postgresql SELECT users': 30,
      'server GET /users/17': 20,
    });
    expect((await summaryOf(request, { groupName, name: 'client acme' })).latency.count).toBe(1);
  });

  it('may be named so from a Jaeger export as well', async () => {
    const seen = new Set<string>();
    const groupName = (name: string, { attributes: all }: GroupedSpan) => {
      for (const key of Object.keys(all)) seen.add(key);
      return name;
    };
    await summaryOf(readFileSync(fixture('jaeger-trace.json')), { groupName });
    expect(seen).toContain('span.kind');
    expect(seen.size).toBeGreaterThan(5);
  });

  it('have the retries of a client as attempts', async () => {
    const post = (id: string, start: number, end: number, status: number) =>
      otlpSpan({
        ...{ id, name: 'POST', parent: 'call', start, end, kind: CLIENT },
        attributes: attributes({
          ...{ 'http.request.method': 'POST', 'http.response.status_code': status },
          'url.full': 'https://api.openai.com/v1/chat/completions',
          'server.address': 'api.openai.com',
        }),
        status: status >= 400 ? { code: 2 } : {},
      });
    const chat = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'server.address': 'api.openai.com',
    };
    const summary = await summaryOf(
      file(
        otlpSpan({
          ...{ id: 'call', name: 'chat gpt-4o', start: 0, end: 100, kind: CLIENT },
          attributes: attributes(chat),
        }),
        post('p1', 1, 20, 429),
        post('p2', 30, 99, 200),
      ),
    );
    expect(criticalMillis(summary)).toEqual({ 'chat gpt-4o': 100 });
    expect(summary.totals).toMatchObject({ attempts: 2, retries: 1, llmCalls: 1 });
    expect(summary.totals.wastedSeconds).toBeCloseTo(0.029, 9);
  });

  it('have calls that were made again as one operation', async () => {
    const chat = (id: string, start: number, end: number, resends?: number) =>
      otlpSpan({
        ...{ id, name: 'chat gpt-4o', parent: 'root', start, end, kind: CLIENT },
        attributes: attributes({
          ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' },
          ...(resends === undefined ? {} : { 'http.request.resend_count': resends }),
        }),
        status: resends === undefined ? { code: 2 } : {},
      });
    const root = otlpSpan({ id: 'root', start: 0, end: 100 });
    const summary = await summaryOf(file(root, chat('c', 10, 20), chat('d', 30, 90, 1)));
    expect(criticalMillis(summary)).toEqual({ 'chat gpt-4o': 80, root: 20 });
    expect(summary.totals).toMatchObject({ attempts: 2, retries: 1, llmCalls: 1, errors: 0 });
  });
});
