import type { ServerResponse } from 'node:http';
import { readSummary, type ReadOptions, type Summary } from 'hotspan/report';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressesOfJaegers } from '../../src/readers/clickhouse-api.js';
import { hexId, NOW } from './support.js';
import { startServer, type Route } from './server.js';

const row = (trace: string, id: string, more: object = {}) =>
  `${JSON.stringify({
    Timestamp: `${NOW - 60_000}000000`,
    TraceId: hexId(trace, 32),
    SpanId: hexId(id, 16),
    ParentSpanId: '',
    SpanName: 'search',
    SpanKind: 'Internal',
    ServiceName: 'shop',
    ResourceAttributes: {},
    ScopeName: 'test',
    SpanAttributes: {},
    Duration: '5000000',
    StatusCode: 'Unset',
    ...more,
  })}\n`;
const ROWS = ['a', 'b', 'c'].map((trace) => row(trace, 's')).join('');
const exception = (code: number, message: string) =>
  `Code: ${code}. DB::Exception: ${message} (version 26.9.1.1 (official build))\n`;

/** Answers queries as a ClickHouse does. */
async function startClickHouse(answer: Route = () => ROWS) {
  const queries: Record<string, string>[] = [];
  const server = await startServer((url, response) => {
    if (url.pathname === '/ping') return 'Ok.\n';
    queries.push(Object.fromEntries(url.searchParams));
    return answer(url, response);
  }, '');
  return { ...server, queries };
}

const read = (address: string, options: ReadOptions = {}) =>
  readSummary(address, { nowEpochMillis: NOW, ...options });

/** The one line that is said, without the address. */
async function complaint(address: string, options?: ReadOptions): Promise<string> {
  const error: unknown = await read(address, options).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'BadInputError' });
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  expect(message).toMatch(/^http:\/\/127\.0\.0\.1:\d+: /);
  return message.replace(/^\S+ /, '');
}

const refuses =
  (status: number, body: string, header?: string): Route =>
  (_, response) => {
    response.statusCode = status;
    if (header !== undefined) response.setHeader('x-clickhouse-exception-code', header);
    return body;
  };

afterEach(() => vi.unstubAllEnvs());

describe('a ClickHouse is read', () => {
  it('by service and time, with parameters that are not part of the query', async () => {
    const { address, queries, requests } = await startClickHouse();
    const service = "x' OR 1=1 \\ \t--";
    await expect(read(address, { service })).rejects.toThrow('no trace with');
    const summary = await read(address, { service: 'shop', since: '2h', limit: 4, shard: '1/1' });
    expect(summary).toMatchObject({ traces: { analyzed: 3, incomplete: 0 }, warnings: [] });
    const [first, second] = queries;
    expect(first).toMatchObject({
      param_table: 'otel_traces',
      param_service: "x' OR 1=1 \\\\ \\t--",
      param_since: String(NOW - 3_600_000),
      param_from: String(NOW - 7_200_000),
    });
    expect(first!.query).not.toContain('OR 1=1');
    expect(first).not.toHaveProperty('database');
    expect(second).toMatchObject({
      param_since: String(NOW - 7_200_000),
      param_limit: '4',
      param_shard: '1',
      param_shards: '1',
    });
    expect(requests[0]!.method).toBe('GET');
    expect(requests[0]!.headers).not.toHaveProperty('authorization');
  });

  it('from another database and table, and below another path', async () => {
    const { address, queries } = await startClickHouse();
    await read(`${address}/?database=otel&table=spans`);
    await read(`${address}/play`);
    expect(queries[0]).toMatchObject({ database: 'otel', param_table: 'spans' });
    expect(await complaint(`${address}/?databse=otel`)).toBe(
      'expected only database and table behind the "?" of a ClickHouse\'s address, got "databse"',
    );
  });

  it('by times that are no times of its own', async () => {
    const { address, queries } = await startClickHouse();
    for (const since of [0, -8e15, 8e15]) await read(address, { since }).catch(() => undefined);
    expect(queries.map((query) => query.param_from)).toEqual(['0', '0', String(NOW - 3_600_000)]);
  });

  it('with the newest traces alone, and says so', async () => {
    const { address } = await startClickHouse();
    expect((await read(address, { limit: 3 })).warnings).toEqual([
      `${address}: only the newest 3 traces were read (see \`limit\`): older ones may be missing`,
    ]);
  });

  it('as an empty shard', async () => {
    const { address } = await startClickHouse(() => '');
    expect((await read(address, { shard: '2/3' })).shards).toEqual({ of: 3, indexes: [2] });
  });

  it('and somebody is told how far it is, also before there is an answer', async () => {
    let answer: ServerResponse | undefined;
    const { address } = await startClickHouse((_, response) => {
      answer = response;
      return 'hang';
    });
    const told: number[] = [];
    await read(address, {
      onProgress: ({ source, readBytes }) => {
        expect(source).toBe(address);
        told.push(readBytes);
        if (readBytes === 0) answer?.end(ROWS);
      },
    });
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(ROWS.length);
  });

  it('and its pages are none of a Jaeger', async () => {
    const { address } = await startClickHouse();
    expect(await addressesOfJaegers(['a.json', `${address}/play`])).toEqual([]);
    const jaeger = await startServer(() => undefined, '<!doctype html>');
    expect(await addressesOfJaegers([jaeger.address, '-'])).toEqual([jaeger.address]);
  });
});

describe('who asks is said', () => {
  const basic = (user: string) => `Basic ${Buffer.from(user).toString('base64')}`;
  it.each<[string, string, Record<string, string>, string]>([
    ['in the address', 'me:p%C3%BC%40@', { CLICKHOUSE_USER: 'you' }, 'me:pü@'],
    ['in the variables', '', { CLICKHOUSE_USER: 'me', CLICKHOUSE_PASSWORD: 'p ü' }, 'me:p ü'],
    ['by a password alone', '', { CLICKHOUSE_PASSWORD: 's3cret' }, 'default:s3cret'],
  ])('%s', async (_, user, env, sent) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const { address, requests } = await startClickHouse();
    await read(address.replace('//', `//${user}`));
    expect(requests[0]!.headers.authorization).toBe(basic(sent));
  });

  it('and is not shown, nor sent elsewhere', async () => {
    const said = 'me: Authentication failed: password is incorrect.\n\nIf you forgot it: …';
    const refusing = await startClickHouse(refuses(403, exception(516, said), '516'));
    expect(await complaint(refusing.address.replace('//', '//me:s3cret@'))).toBe(
      'ClickHouse says: Authentication failed: password is incorrect (code 516); CLICKHOUSE_USER and CLICKHOUSE_PASSWORD can name another user',
    );
    const { address, asked } = await startClickHouse((_, response) => {
      response.writeHead(302, { location: '/elsewhere' });
      return '';
    });
    expect(await complaint(address.replace('//', '//me:s3cret@'))).toBe(
      'ClickHouse answers with status 302',
    );
    expect(asked).toEqual(['/']);
  });
});

describe('one line says that', () => {
  it.each<[string, Route, string]>([
    [
      'there is no such table',
      refuses(404, exception(60, 'Table default.otel_traces does not exist. (UNKNOWN_TABLE)')),
      'ClickHouse says: Table default.otel_traces does not exist. (UNKNOWN_TABLE) (code 60); the address can name the database and the table, as in ?database=otel&table=otel_traces',
    ],
    [
      'a column is another',
      refuses(404, exception(47, 'Unknown expression identifier `ScopeName` in scope SELECT a')),
      "ClickHouse says: Unknown expression identifier `ScopeName` (code 47); expected the columns that the Collector's ClickHouse exporter makes",
    ],
    [
      'an old server has an error',
      refuses(500, 'Code: 159, e.displayText() = DB::Exception: Timeout exceeded (version 20.8)'),
      'ClickHouse says: Timeout exceeded (code 159); ask for less: a later `since`, or one `shard` after another',
    ],
    [
      'the status is good and the answer is not',
      refuses(200, exception(307, 'Limit for rows'), '307'),
      'ClickHouse says: Limit for rows (code 307)',
    ],
    ['something is between', refuses(502, '<html>'), 'ClickHouse answers with status 502'],
    [
      'there is a page instead of rows',
      () => '<html>\n<p>',
      'expected rows of ClickHouse, but the answer ends otherwise',
    ],
  ])('%s', async (_, route, line) => {
    const { address } = await startClickHouse(route);
    expect(await complaint(address)).toBe(line);
  });

  const MEMORY = 'Memory limit exceeded: while executing x';
  const BROKE_OFF =
    'the answer broke off: ClickHouse says: Memory limit exceeded (code 241); ask for less: a later `since`, or one `shard` after another';
  it.each([
    ['behind the rows', `${ROWS}${exception(241, MEMORY)}`],
    ['in a row', `${ROWS}${ROWS.slice(0, 99)}${exception(241, MEMORY)}`],
    ['behind many rows', `${ROWS.repeat(99)}${exception(241, MEMORY)}`],
    ['as a row', `${ROWS}${JSON.stringify({ exception: exception(241, MEMORY) })}\n`],
    [
      'with a mark',
      `${ROWS}__exception__\r\nab\r\n${exception(241, MEMORY)}99 ab\r\n__exception__\r\n`,
    ],
  ])('an error stands %s', async (_, answer) => {
    const { address } = await startClickHouse(() => answer);
    expect(await complaint(address)).toBe(BROKE_OFF);
  });

  it('the connection ends with an error in the answer, or without one', async () => {
    for (const [rest, line] of [
      [exception(241, MEMORY), BROKE_OFF],
      ['', 'the answer broke off: other side closed'],
    ] as const) {
      const { address } = await startClickHouse((_, response) => {
        response.write(`${ROWS}${rest}`, () => response.destroy());
        return 'hang';
      });
      expect(await complaint(address)).toBe(line);
    }
  });

  it('the answer ends in a row', async () => {
    const { address } = await startClickHouse(() => ROWS.slice(0, -9));
    expect(await complaint(address)).toContain('but the answer ends otherwise');
  });

  it('no answer comes, or does not go on, in time', async () => {
    for (const start of ['', ROWS]) {
      const { address } = await startClickHouse((_, response) => {
        if (start !== '') response.write(start);
        return 'hang';
      });
      expect(await complaint(address, { timeoutMillis: 200 })).toBe('no answer within 200 ms');
    }
  });

  it('there are no spans, and which services there are', async () => {
    let services = '';
    const { address } = await startClickHouse(({ searchParams }) =>
      searchParams.get('query')!.includes('DISTINCT') ? services : '',
    );
    expect(await complaint(address, { since: '3h' })).toBe('no spans since 3h in otel_traces');
    services = '{"ServiceName":"shop"}\n{"ServiceName":"mail"}\n';
    expect(await complaint(address, { service: 'x' })).toBe(
      'no trace with a span of service "x" and a start since one hour ago; services in it: mail, shop',
    );
  });
});

it('reads spans whose attributes hold an error of ClickHouse', async () => {
  const SpanAttributes = { 'exception.message': exception(60, 'no table') };
  const { address } = await startClickHouse(() => row('a', 's', { SpanAttributes }));
  const summary: Summary = await read(address);
  expect(summary).toMatchObject({ traces: { analyzed: 1 }, warnings: [] });
});

it('stops when it is aborted', async () => {
  const controller = new AbortController();
  const { address } = await startClickHouse(() => {
    controller.abort(new Error('enough'));
    return 'hang';
  });
  await expect(read(address, { signal: controller.signal })).rejects.toThrow('enough');
});
