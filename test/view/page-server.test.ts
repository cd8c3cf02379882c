import { createServer, get, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Summary } from 'hotspan/processor';
import { LiveRanking } from '../../src/view/live-ranking.js';
import { afterwards, events, everythingFrom, rawConnection, startPage } from './support.js';

const empty = new LiveRanking().summary();
const startEmpty = () => startPage(() => empty);

/** Unlike fetch, lets a test say which Host it asks. */
function ask(port: number, headers: IncomingHttpHeaders, path = '/', method = 'GET') {
  return new Promise<{ status: number; text: string; headers: IncomingHttpHeaders }>(
    (resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode!, text, headers: response.headers }),
        );
      });
      request.on('error', reject);
    },
  );
}

describe('the server of the page', () => {
  it('serves the page and the summary', async () => {
    const { address } = await startEmpty();
    const page = await fetch(address);
    expect(await page.text()).toBe(`<!doctype html>${empty.generatedAt}`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await (await fetch(`${address}/summary.json`)).json()).toEqual(
      JSON.parse(JSON.stringify(empty)),
    );
  });

  it('says that nothing is to be kept, framed, guessed or read by other sites', async () => {
    const { address } = await startEmpty();
    for (const path of ['/', '/summary.json', '/none']) {
      const { headers } = await fetch(address + path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'") as string,
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      expect(headers.has('access-control-allow-origin')).toBe(false);
    }
  });

  it('is asked by each name of this machine, with its port', async () => {
    const { port } = await startEmpty();
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      const own = `http://${host.toLowerCase()}:${port}`;
      const { status } = await ask(port, { host: `${host}:${port}`, origin: own });
      expect([host, status]).toEqual([host, 200]);
    }
  });

  it.each<[string, (port: number) => IncomingHttpHeaders]>([
    ['a name that points to this machine', (port) => ({ host: `evil.example:${port}` })],
    ['a name without the port', () => ({ host: 'localhost' })],
    ['another port', (port) => ({ host: `localhost:${port + 1}` })],
    [
      'a page of another site',
      (port) => ({ host: `localhost:${port}`, origin: 'http://evil.example' }),
    ],
    [
      'a page of another port',
      (port) => ({ host: `localhost:${port}`, origin: 'http://localhost:1' }),
    ],
    ['a page of no address', (port) => ({ host: `localhost:${port}`, origin: 'null' })],
    [
      'an image of another site',
      (port) => ({
        host: `localhost:${port}`,
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'no-cors',
      }),
    ],
  ])('refuses what asks with %s, in all that it has', async (_, headers) => {
    const { port } = await startEmpty();
    for (const path of ['/', '/summary.json', '/events', '/none']) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const { status, text } = await ask(port, headers(port), path, method);
        expect([status, text.trim().split('\n').length]).toEqual([403, 1]);
      }
    }
  });

  it('follows a link of another site', async () => {
    const { port } = await startEmpty();
    const headers = {
      host: `localhost:${port}`,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    };
    expect((await ask(port, headers)).status).toBe(200);
  });

  it('says what it has, and what may be done with it', async () => {
    const { address } = await startEmpty();
    const none = await fetch(`${address}/none`);
    expect([none.status, await none.text()]).toEqual([
      404,
      'there is nothing here; expected GET /, GET /summary.json, GET /events\n',
    ]);
    const post = await fetch(address, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await fetch(`${address}/`, { method: 'HEAD' })).status).toBe(200);
  });

  it('takes the next port if one is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    afterwards(() => other.close());
    const { port: taken } = other.address() as AddressInfo;
    const { port, address } = await startPage(() => empty, { port: taken });
    expect(port).toBeGreaterThan(taken);
    expect((await fetch(address)).status).toBe(200);
  });

  it('goes on when no summary can be made', async () => {
    const { address } = await startPage(() => {
      throw new Error('private');
    });
    const answer = await fetch(address);
    expect([answer.status, await answer.text()]).toEqual([500, 'the summary could not be made\n']);
  });

  it('gives up a client that does not say what it wants', async () => {
    const { port } = await startPage(() => empty, { requestMillis: 50 });
    const socket = await rawConnection(port);
    socket.write('GET / HTTP/1.1\r\nHost: ');
    expect(await everythingFrom(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('answers garbage with one line of status', async () => {
    const { port } = await startEmpty();
    const socket = await rawConnection(port);
    socket.write('\u0000\u0001garbage\r\n\r\n');
    expect(await everythingFrom(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('the events', () => {
  const at = (count: number): Summary => ({
    ...empty,
    traces: { ...empty.traces, analyzed: count },
  });
  const analyzed = (data: string) => (JSON.parse(data) as Summary).traces.analyzed;

  it('tell of a change, and only of a change', async () => {
    let [count, made] = [0, 0];
    const { address } = await startPage(() => {
      made += 1;
      return { ...at(count), generatedAt: new Date(made).toISOString() };
    });
    const seen: number[] = [];
    for await (const { event, data } of events(address)) {
      expect(event).toBe('page');
      seen.push(analyzed(data));
      const then = made;
      // The next ones say the same.
      await expect.poll(() => made).toBeGreaterThan(then + 2);
      if (seen.length === 3) break;
      count += 1;
    }
    expect(seen).toEqual([0, 1, 2]);
  });

  it('make no summary while nobody looks', async () => {
    let made = 0;
    const { address } = await startPage(() => {
      made += 1;
      return at(made);
    });
    expect(made).toBe(0);
    for await (const { data } of events(address)) if (analyzed(data) > 2) break;
    const { port } = new URL(address);
    // The server has seen that the page is gone when it answers the next one.
    await ask(Number(port), { host: `localhost:${port}` }, '/none');
    const then = made;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(made).toBe(then);
  });

  it('end with a last update when the server does', async () => {
    let count = 0;
    const server = await startPage(() => at(count), { updateMillis: 60_000 });
    const seen: string[] = [];
    for await (const { event, data } of events(server.address)) {
      seen.push(event === 'page' ? String(analyzed(data)) : event);
      count = 7;
      if (seen.length === 1) void server.close();
    }
    expect(seen).toEqual(['0', '7', 'end']);
  });

  it('are for 16 pages at most', async () => {
    const { address } = await startEmpty();
    const all = await Promise.all(Array.from({ length: 17 }, () => fetch(`${address}/events`)));
    expect(all.map(({ status }) => status).sort()).toEqual([...Array<number>(16).fill(200), 503]);
    for (const { body } of all) await body?.cancel();
  });

  it('skip a page that does not read, and keep nothing for it', async () => {
    let made = 0;
    const large = 'x'.repeat(2 ** 18);
    const { port } = await startPage(() => {
      made += 1;
      return { ...at(made), warnings: [large] };
    });
    const socket = await rawConnection(port);
    socket.pause();
    socket.write(`GET /events HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    await expect.poll(() => made, { timeout: 10_000 }).toBeGreaterThan(20);
    const before = process.memoryUsage();
    const then = made;
    await expect.poll(() => made, { timeout: 10_000 }).toBeGreaterThan(then + 200);
    const after = process.memoryUsage();
    const grown = after.external + after.arrayBuffers - before.external - before.arrayBuffers;
    expect(grown).toBeLessThan(20 * 2 ** 20);
    // When it reads on, it gets what is new.
    let text = '';
    const found = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        text = text.slice(-200) + chunk.toString('latin1');
        if (Number(/"analyzed":(\d+)/.exec(text)?.[1] ?? 0) > then) resolve();
      });
    });
    socket.resume();
    await found;
  });

  it('are fewer where a summary takes long', async () => {
    const times: number[] = [];
    const { address } = await startPage(
      () => {
        const until = performance.now() + 5;
        while (performance.now() < until);
        times.push(performance.now());
        return at(times.length);
      },
      { share: 0.05 },
    );
    for await (const { data } of events(address)) if (analyzed(data) === 3) break;
    expect(times[2]! - times[1]!).toBeGreaterThan(95);
  });
});
