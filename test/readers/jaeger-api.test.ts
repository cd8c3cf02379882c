import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { readSummary, type ReadOptions } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { closeServer, startServer, type Route } from './server.js';
import { fixtureText, NOW } from './support.js';

const TRACE_ID = '5cbcbf6a3b886fb163140e089d7d918b';
const V3 = fixtureText('jaeger-v3-search.json');
const OLD = fixtureText('jaeger-search.json');
const HTML = '<!doctype html><title>Jaeger UI</title>';

/** A server that answers as Jaegers do, also to what they do not know: with the page of the UI. */
const startJaeger = (route: Route) => startServer(route, HTML);

function refuse(response: ServerResponse, httpCode: number, message: string): string {
  response.statusCode = httpCode;
  return JSON.stringify({ error: { httpCode, message } });
}

/** API v3 with its parameters in one of the two ways. */
function searchV3(names: { service: string; from: string; to: string; limit: string }): Route {
  return ({ pathname, searchParams }, response) => {
    if (pathname !== '/api/v3/traces') return undefined;
    const [from, to] = [names.from, names.to].map((name) => searchParams.get(name));
    if (!from || !to) return refuse(response, 400, `${names.from} is required`);
    expect(Date.parse(to) - Date.parse(from)).toBe(3_600_000);
    expect(searchParams.get(names.limit)).toBe('1000');
    const isKnown = searchParams.get(names.service) === 'shop';
    return isKnown ? V3 : refuse(response, 404, 'No traces found');
  };
}

const camelCase = searchV3({
  service: 'query.serviceName',
  from: 'query.startTimeMin',
  to: 'query.startTimeMax',
  limit: 'query.searchDepth',
});
const snakeCase = searchV3({
  service: 'query.service_name',
  from: 'query.start_time_min',
  to: 'query.start_time_max',
  limit: 'query.num_traces',
});
const old: Route = ({ pathname, searchParams }) => {
  if (pathname !== '/api/traces') return undefined;
  const [start, end] = ['start', 'end'].map((name) => Number(searchParams.get(name)));
  expect(end! - start!).toBe(3_600_000_000);
  return searchParams.get('service') === 'shop' ? OLD : '{"data":[],"total":0,"errors":null}';
};

const read = (address: string, options: ReadOptions = {}) =>
  readSummary(address, { nowEpochMillis: NOW, ...options });
const shop = { service: 'shop' };

async function complaint(address: string, options?: ReadOptions): Promise<string> {
  const error: unknown = await read(address, options).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'BadInputError' });
  expect((error as Error).message).not.toContain('\n');
  return (error as Error).message;
}

describe('a search is answered by', () => {
  it.each<[string, Route, string[]]>([
    ['API v3 in camel case', camelCase, ['/api/v3/traces']],
    ['API v3 in snake case', snakeCase, ['/api/v3/traces', '/api/v3/traces']],
    ['the older API', old, ['/api/v3/traces', '/api/v3/traces', '/api/traces']],
  ])('%s', async (_, route, paths) => {
    const { address, asked } = await startJaeger(route);
    const summary = await read(address, shop);
    expect(summary).toMatchObject({ traces: { analyzed: 6 }, warnings: [] });
    expect(asked).toEqual(paths);
  });

  it('nothing that holds traces of the service', async () => {
    for (const route of [camelCase, snakeCase, old]) {
      const { address } = await startJaeger(route);
      expect(await complaint(address, { service: 'x' })).toBe(`${address}: No traces found`);
      await closeServer();
    }
  });

  it('nothing, and the line says which services there are', async () => {
    const { address } = await startJaeger((url, response) =>
      url.pathname === '/api/v3/services'
        ? JSON.stringify({ services: ['shop', 'mail', 'jaeger'] })
        : camelCase(url, response),
    );
    expect(await complaint(address, { service: 'x', name: 'y' })).toBe(
      `${address}: no trace with a span of service "x" and a span named "y" and a start since one hour ago; services in it: mail, shop`,
    );
  });

  it('as many traces as were asked for: there may be more', async () => {
    const { address } = await startJaeger(({ pathname }) =>
      pathname === '/api/v3/traces' ? V3 : undefined,
    );
    expect((await read(address, { ...shop, limit: 6 })).warnings).toEqual([
      `${address}: only the newest 6 traces were read (see \`limit\`): older ones may be missing`,
    ]);
    expect((await read(address, { ...shop, limit: 7 })).warnings).toEqual([]);
    expect((await read(address, { ...shop, limit: 6, shard: '2/3' })).warnings).toEqual([
      `${address}: only the newest 6 traces were read, of which this shard is a part (see \`limit\`): older ones may be missing`,
    ]);
    expect((await read(address, { ...shop, limit: 7, shard: '2/3' })).warnings).toEqual([]);
  });

  it('a packed answer', async () => {
    const { address } = await startJaeger((url, response) => {
      if (url.pathname !== '/api/v3/traces') return undefined;
      response.setHeader('content-encoding', 'gzip').end(gzipSync(V3));
      return undefined;
    });
    expect((await read(address, shop)).traces.analyzed).toBe(6);
  });

  it('a Jaeger below another path, with a password that is not shown', async () => {
    const { address, requests } = await startJaeger((url, response) =>
      camelCase(new URL(url.href.replace('/tracing', '')), response),
    );
    const secret = address.replace('//', '//me:s%20cret@');
    expect((await read(`${secret}/tracing/`, shop)).traces.analyzed).toBe(6);
    expect(requests[0]!.headers.authorization).toBe(`Basic ${btoa('me:s cret')}`);
    expect(await complaint(`${secret}/tracing`, { service: 'x' })).toBe(
      `${address}/tracing: No traces found`,
    );
  });
});

describe('a password is not shown', () => {
  it.each([
    ['http://me:s3cret@localhost:99999', 'http://localhost:99999'],
    ['http://me:s3/cr@et@local host', 'http://local host'],
    ['ftp://me:s3cret@localhost', 'ftp://localhost'],
  ])('of %s, which is no address', async (address, name) => {
    expect(await complaint(address)).toMatch(new RegExp(`^${name}: expected `));
  });

  it('when no trace is left', async () => {
    const { address } = await startJaeger(camelCase);
    const secret = address.replace('//', '//me:s3c@ret@');
    const message = await complaint(secret, { service: 'shop', name: 'nope' });
    expect(message).toMatch(`${address}: no trace with a span of service "shop" and`);
    expect(message).not.toMatch(/s3c|ret@/);
  });

  it.each([
    ['%zz:p%C3%BC', '%zz:pü'],
    ['ü€:p', 'ü€:p'],
  ])('and is sent whatever is in it: %s', async (user, sent) => {
    const { address, requests } = await startJaeger(camelCase);
    await read(address.replace('//', `//${user}@`), shop);
    const credentials = Buffer.from(sent).toString('base64');
    expect(requests[0]!.headers.authorization).toBe(`Basic ${credentials}`);
  });
});

describe('what is asked for:', () => {
  it('the time, the limit and the name', async () => {
    const queries: Record<string, string>[] = [];
    const { address } = await startJaeger(({ pathname, searchParams }, response) => {
      if (pathname !== '/api/v3/traces') return undefined;
      const query = Object.fromEntries(searchParams);
      queries.push(query);
      // Jaeger knows the name of no span of another service.
      return 'query.operationName' in query ? refuse(response, 404, 'No traces found') : V3;
    });
    const summary = await read(address, {
      service: 'shop',
      since: '2026-11-24T03:50:00Z',
      limit: 7,
      name: 'process mail',
    });
    expect(summary.traces.analyzed).toBe(6);
    expect(queries[0]).toEqual({
      'query.serviceName': 'shop',
      'query.startTimeMin': '2026-11-24T03:50:00.000Z',
      'query.startTimeMax': '2026-11-24T04:00:00.000Z',
      'query.searchDepth': '7',
      'query.operationName': 'process mail',
    });
    expect(queries.at(-1)).not.toHaveProperty(['query.operationName']);
  });

  it.each(['/trace/', '/api/traces/', '/api/v3/traces/'])('one trace, as %s', async (path) => {
    const { address, asked } = await startJaeger(({ pathname }) =>
      pathname === `/api/traces/${TRACE_ID}` ? fixtureText('jaeger-trace.json') : undefined,
    );
    const summary = await read(`${address}${path}${TRACE_ID}?uiFind=x`);
    expect(summary).toMatchObject({ traces: { analyzed: 1 }, spans: { analyzed: 9 } });
    expect(asked).toEqual([`/api/v3/traces/${TRACE_ID}`, `/api/traces/${TRACE_ID}`]);
  });

  it('a trace that is not there', async () => {
    const { address } = await startJaeger((_, response) => {
      response.statusCode = 404;
      return '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}';
    });
    expect(await complaint(`${address}/trace/abc`)).toBe(`${address}: trace not found`);
  });
});

describe('without a service', () => {
  const services =
    (path: string, body: object): Route =>
    (url, response) =>
      url.pathname === path ? JSON.stringify(body) : camelCase(url, response);

  it('the only one is taken', async () => {
    for (const [path, body] of [
      ['/api/v3/services', { services: ['jaeger', 'shop'] }],
      ['/api/services', { data: ['shop'] }],
    ] as const) {
      const { address } = await startJaeger(services(path, body));
      expect((await read(address)).traces.analyzed).toBe(6);
      await closeServer();
    }
  });

  it('those that there are, are listed', async () => {
    const many = services('/api/v3/services', { services: ['shop', 'mail', 'jaeger'] });
    const { address } = await startJaeger(many);
    expect(await complaint(address)).toBe(
      `${address}: expected \`service\` to be one of those in it: mail, shop`,
    );
  });

  it('they may all be its own', async () => {
    const { address } = await startJaeger(
      services('/api/v3/services', { services: ['jaeger', 'jaeger-query'] }),
    );
    expect(await complaint(address)).toMatch(/ in it: jaeger, jaeger-query$/);
  });

  it('there may be none', async () => {
    const { address } = await startJaeger(services('/api/v3/services', {}));
    expect(await complaint(address)).toBe(`${address}: it has no traces of any service`);
  });
});

describe('one line says that', () => {
  it('no Jaeger answers there, but something else', async () => {
    const { address } = await startJaeger(() => undefined);
    expect(await complaint(address, shop)).toBe(
      `${address}: expected a Jaeger or a ClickHouse, got something else (status 200)`,
    );
  });

  it('the answer is JSON and holds no traces', async () => {
    const { address } = await startJaeger(() => '{"hello":1}');
    expect(await complaint(address, shop)).toContain('but it holds an object with "hello"');
    expect(await complaint(address)).toContain('it has no traces of any service');
  });

  it('the connection is refused', async () => {
    const { address } = await startJaeger(() => undefined);
    await closeServer();
    expect(await complaint(address, shop)).toBe(
      `${address}: no answer: the connection was refused`,
    );
  });

  it('there is no such host, or no address at all', async () => {
    expect(await complaint('http://jaeger.invalid', shop)).toMatch(
      /^http:\/\/jaeger\.invalid: no answer: /,
    );
    expect(await complaint('http://')).toBe(
      'http://: expected an address such as http://localhost:16686 or http://localhost:8123',
    );
  });

  it('no answer comes, or does not end, in time', async () => {
    const { address } = await startJaeger((url, response) => {
      if (url.pathname.includes('v3')) response.write(V3.slice(0, 2_000));
      return 'hang';
    });
    const options = { service: 'shop', timeoutMillis: 200 };
    expect(await complaint(address, options)).toBe(`${address}: no answer within 200 ms`);
  });

  it('the answer broke off', async () => {
    const { address } = await startJaeger((_, response) => {
      response.writeHead(200, { 'content-length': V3.length });
      response.write(V3.slice(0, 2_000), () => response.destroy());
      return 'hang';
    });
    expect(await complaint(address, shop)).toMatch(/: the answer broke off: /);
  });
});

it('stops when it is aborted', async () => {
  const controller = new AbortController();
  const { address } = await startJaeger(() => {
    controller.abort(new Error('enough'));
    return 'hang';
  });
  await expect(read(address, { ...shop, signal: controller.signal })).rejects.toThrow('enough');
});
