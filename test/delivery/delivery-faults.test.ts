import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { diag } from '@opentelemetry/api';
import { segment } from 'hotspan';
import { startTracing, type Tracing, type TracingOptions } from 'hotspan/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeRejection } from '../support/otlp-request.js';
import { startCountingReceiver, type Answerer } from '../support/counting-receiver.js';

const running: Tracing[] = [];
const closers: (() => Promise<void> | void)[] = [];
const lines: string[] = [];

function start(endpoint: string, env: Record<string, string> = {}, options: TracingOptions = {}) {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const tracing = startTracing({ log: (line) => lines.push(line), ...options });
  running.push(tracing);
  return tracing;
}

async function receive(answer: Answerer | 'healthy' | 'hanging' | 'slow') {
  const receiver = await startCountingReceiver(answer);
  closers.push(receiver.close);
  return receiver;
}

/** A server that speaks no HTTP. */
async function speakOtherwise(onBytes: (write: (text: string) => void) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('data', () => {
      onBytes((text) => {
        if (socket.writable) socket.write(text);
      });
    });
    socket.on('error', () => undefined);
    closers.push(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function work(count: number): void {
  for (let i = 0; i < count; i += 1) segment('work', () => i);
}

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined);
  }
});

afterEach(async () => {
  for (const tracing of running.splice(0)) await tracing.shutdown();
  for (const close of closers.splice(0)) await close();
  lines.length = 0;
  diag.disable();
  vi.unstubAllEnvs();
});

describe('forceFlush', () => {
  it('brings all that ended before to a slow receiver, in many batches, also those on their way', async () => {
    const receiver = await receive(async (response) => {
      await sleep(30);
      response.end('{}');
      return true;
    });
    const tracing = start(receiver.endpoint, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5' });
    work(200);
    // Now some are on their way.
    await sleep(10);
    work(200);
    await tracing.forceFlush();
    expect(receiver.taken.size).toBe(400);
    expect(tracing.delivery()).toMatchObject({ ended: 400, delivered: 400, pending: 0 });
  });

  it('does so for each of several at the same time', async () => {
    const receiver = await receive('slow');
    const tracing = start(receiver.endpoint, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
    const flushes = [50, 100, 150].map(async (ended) => {
      work(50);
      await tracing.forceFlush();
      expect(receiver.taken.size).toBeGreaterThanOrEqual(ended);
    });
    await Promise.all(flushes);
    expect(receiver.taken.size).toBe(150);
  });
});

describe('bursts', () => {
  it('of 40,000 spans a second arrive whole', async () => {
    const receiver = await receive('healthy');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '20000');
    const tracing = start(receiver.endpoint);
    for (let burst = 0; burst < 10; burst += 1) {
      work(4_000);
      await sleep(100);
    }
    await tracing.forceFlush();
    expect(tracing.delivery()).toMatchObject({ ended: 40_000, delivered: 40_000, dropped: 0 });
    expect(receiver.taken.size).toBe(40_000);
    expect(lines).toEqual([]);
  });

  it('that are more than the queue holds are counted exactly, and said in the summary', async () => {
    const receiver = await receive('healthy');
    const tracing = start(receiver.endpoint, { OTEL_BSP_MAX_QUEUE_SIZE: '100' });
    work(1_000);
    await tracing.forceFlush();
    expect(tracing.delivery()).toMatchObject({ ended: 1_000, delivered: 100, dropped: 900 });
    expect(receiver.taken.size).toBe(100);
    expect(tracing.summary().spans).toMatchObject({ analyzed: 1_000, dropped: 0 });
    expect(tracing.summary().toText()).toContain(
      `900 spans not delivered to ${receiver.endpoint}/v1/traces (the queue was full)`,
    );
    expect(lines).toEqual([expect.stringContaining('the queue is full')]);
  });
});

describe.each(['http/protobuf', 'http/json'])('a receiver, by %s,', (protocol) => {
  beforeEach(() => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', protocol);
  });

  it('that wants to be asked a second later (429) gets everything', async () => {
    let asked = 0;
    const receiver = await receive((response) => {
      asked += 1;
      if (asked > 1) response.end('{}');
      else response.writeHead(429, { 'retry-after': '1' }).end();
      return asked > 1;
    });
    const tracing = start(receiver.endpoint);
    work(3);
    const startMillis = performance.now();
    await tracing.forceFlush();
    expect(performance.now() - startMillis).toBeGreaterThan(950);
    expect(receiver.taken.size).toBe(3);
    expect(tracing.delivery()).toMatchObject({ delivered: 3, dropped: 0, pending: 0 });
  });

  it('that wants to be asked in an hour holds nobody up', async () => {
    const receiver = await receive((response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end();
      return false;
    });
    const tracing = start(receiver.endpoint);
    work(3);
    await tracing.forceFlush();
    expect(tracing.delivery()).toMatchObject({ pending: 3, reason: 'HTTP 429' });
    await tracing.shutdown();
    expect(tracing.delivery()).toMatchObject({ dropped: 3, pending: 0, reason: 'HTTP 429' });
    expect(receiver.requests).toBe(2);
  });

  it('that is away for a moment loses nothing', async () => {
    let isAway = true;
    const receiver = await receive((response) => {
      response.writeHead(isAway ? 503 : 200).end('{}');
      return !isAway;
    });
    const tracing = start(receiver.endpoint, { OTEL_EXPORTER_OTLP_TIMEOUT: '100' });
    work(3);
    await tracing.forceFlush();
    work(3);
    isAway = false;
    await tracing.forceFlush();
    expect(receiver.taken.size).toBe(6);
    expect(lines).toEqual([
      expect.stringContaining('do not arrive'),
      expect.stringContaining('arrive at'),
    ]);
  });

  it('with a limit for requests (413) gets smaller ones, and one span too large costs no other', async () => {
    const limit = 100_000;
    const receiver = await receive((response, body) => {
      response.writeHead(body.length > limit ? 413 : 200).end();
      return body.length <= limit;
    });
    const tracing = start(receiver.endpoint);
    for (let i = 0; i < 400; i += 1) {
      segment('page', { attributes: { text: 'x'.repeat(i === 100 ? limit : 2_000) } }, () => i);
    }
    await tracing.forceFlush();
    expect(receiver.taken.size).toBe(399);
    expect(tracing.delivery()).toMatchObject({ delivered: 399, dropped: 1, reason: 'HTTP 413' });
    const { requests } = receiver;
    // What comes later is cut to fit at once.
    for (let i = 0; i < 400; i += 1) {
      segment('page', { attributes: { text: 'x'.repeat(2_000) } }, () => i);
    }
    await tracing.forceFlush();
    expect(receiver.requests - requests).toBeLessThanOrEqual(14);
    expect(receiver.taken.size).toBe(799);
  });

  it('that answers 200 and lets the body drip has taken the spans, and more', async () => {
    const receiver = await receive((response) => {
      response.writeHead(200).write(' ');
      const timer = setInterval(() => response.write(' '), 20);
      closers.push(() => clearInterval(timer));
      return true;
    });
    const tracing = start(receiver.endpoint, { OTEL_EXPORTER_OTLP_TIMEOUT: '200' });
    for (let i = 0; i < 5; i += 1) {
      work(3);
      await tracing.forceFlush();
    }
    expect(receiver.taken.size).toBe(15);
    expect(receiver.requests).toBe(5);
    expect(tracing.delivery()).toMatchObject({ delivered: 15, dropped: 0, pending: 0 });
  });

  it('that says to go on, and nothing else, is waited for no longer than any', async () => {
    const endpoint = await speakOtherwise((write) => {
      const timer = setInterval(() => write('HTTP/1.1 102 Processing\r\n\r\n'), 20);
      closers.push(() => clearInterval(timer));
    });
    const tracing = start(endpoint, { OTEL_EXPORTER_OTLP_TIMEOUT: '200' });
    work(3);
    await tracing.shutdown();
    expect(tracing.delivery()).toMatchObject({ dropped: 3, reason: 'no answer in time' });
  });

  it('gets what ends while tracing is shut down', async () => {
    const receiver = await receive('slow');
    const tracing = start(receiver.endpoint);
    work(1);
    const ended = tracing.shutdown();
    await sleep(50);
    work(2);
    await ended;
    expect(receiver.taken.size).toBe(3);
    work(1);
    expect(tracing.delivery()).toMatchObject({ delivered: 3, dropped: 0, pending: 0 });
  });

  it('that is away costs no more memory than HOTSPAN_MAX_QUEUE_BYTES says', async () => {
    const receiver = await receive('healthy');
    const tracing = start(receiver.endpoint, { HOTSPAN_MAX_QUEUE_BYTES: '50000' });
    for (let i = 0; i < 100; i += 1) {
      segment('page', { attributes: { text: 'x'.repeat(2_000) } }, () => i);
    }
    await tracing.forceFlush();
    expect(receiver.taken.size).toBe(25);
    expect(tracing.delivery()).toMatchObject({ delivered: 25, dropped: 75 });
  });

  it('gets no span that is larger than a request may be, and the others', async () => {
    const receiver = await receive('healthy');
    const tracing = start(receiver.endpoint);
    work(1);
    segment('book', { attributes: { text: 'x'.repeat(5_000_000) } }, () => 1);
    segment('chapter', { attributes: { text: 'x'.repeat(3_000_000) } }, () => 1);
    segment('chapter', { attributes: { text: 'x'.repeat(3_000_000) } }, () => 1);
    await tracing.forceFlush();
    expect(receiver.taken.size).toBe(3);
    expect(tracing.delivery()).toMatchObject({
      delivered: 3,
      dropped: 1,
      reason: 'a span was larger than a request may be',
    });
  });

  it('that rejects some spans says so in protobuf, too', async () => {
    const receiver = await receive((response) => {
      response.writeHead(200, { 'content-type': 'application/x-protobuf' });
      response.end(encodeRejection(2));
      return true;
    });
    const tracing = start(receiver.endpoint);
    work(5);
    await tracing.forceFlush();
    expect(tracing.delivery()).toMatchObject({ delivered: 3, dropped: 2 });
  });

  it.each([400, 401, 500, 302])('that says %i is not asked again', async (status) => {
    const receiver = await receive((response) => {
      response.writeHead(status, { location: 'http://elsewhere.invalid' }).end('no');
      return false;
    });
    const tracing = start(receiver.endpoint);
    work(3);
    await tracing.forceFlush();
    expect(receiver.requests).toBe(1);
    expect(tracing.delivery()).toMatchObject({ dropped: 3, reason: `HTTP ${status}` });
  });

  it.each([2, '2'])(
    'that rejects some says so, and they count as dropped: %j',
    async (rejected) => {
      const receiver = await receive((response) => {
        const partialSuccess = { rejectedSpans: rejected, errorMessage: 'secret' };
        response.end(JSON.stringify({ partialSuccess }));
        return true;
      });
      const tracing = start(receiver.endpoint);
      for (let i = 0; i < 5; i += 1) {
        work(10);
        await tracing.forceFlush();
      }
      expect(tracing.delivery()).toMatchObject({
        ...{ ended: 50, delivered: 40, dropped: 10, pending: 0 },
        reason: 'rejected by the receiver',
      });
      expect(lines).toEqual([expect.stringMatching(/rejected some spans/)]);
    },
  );

  it.each(['', 'null', '[]', '<html>', '{"partialSuccess":{"rejectedSpans":"many"}}', '{}'])(
    'that answers 200 with %j has taken the spans',
    async (body) => {
      const receiver = await receive((response) => {
        response.end(body);
        return true;
      });
      const tracing = start(receiver.endpoint);
      work(3);
      await tracing.forceFlush();
      expect(tracing.delivery()).toMatchObject({ delivered: 3, dropped: 0 });
    },
  );

  it('that speaks something else is nobody to wait for', async () => {
    const endpoint = await speakOtherwise((write) => write('220 mail.example ESMTP\r\n'));
    const tracing = start(endpoint);
    work(3);
    await tracing.shutdown();
    expect(tracing.delivery()).toMatchObject({ dropped: 3, pending: 0 });
    expect(tracing.delivery().reason).toMatch(/^HPE_/);
  });

  it('that never comes to an end of its answer is waited for no longer than any', async () => {
    const endpoint = await speakOtherwise((write) => {
      write('HTTP/1.1 503 Busy\r\n');
      const timer = setInterval(() => write('x-more: 1\r\n'), 50);
      closers.push(() => clearInterval(timer));
    });
    const tracing = start(endpoint, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
    work(3);
    const startMillis = performance.now();
    await tracing.shutdown();
    expect(performance.now() - startMillis).toBeLessThan(1_500);
    expect(tracing.delivery()).toMatchObject({ dropped: 3, reason: 'no answer in time' });
  });

  it('whose answer is too long has said enough with its status', async () => {
    const receiver = await receive((response) => {
      response.end('x'.repeat(1_000_000));
      return true;
    });
    const tracing = start(receiver.endpoint);
    work(3);
    await tracing.forceFlush();
    expect(tracing.delivery()).toMatchObject({ delivered: 3 });
  });

  it('whose name is not known is not waited for', async () => {
    const tracing = start('http://no-such-host.invalid:4318');
    work(3);
    await tracing.shutdown();
    expect(tracing.delivery()).toMatchObject({ dropped: 3 });
    expect(tracing.delivery().reason).toMatch(/host not found|no answer in time/);
    expect(lines).toHaveLength(1);
  });

  it('that closed a kept connection is asked once more at once', async () => {
    let requests = 0;
    const receiver = await receive((response) => {
      requests += 1;
      // The second request finds the connection that the first one left.
      if (requests === 2) response.socket?.destroy();
      else response.end('{}');
      return requests !== 2;
    });
    const tracing = start(receiver.endpoint);
    work(1);
    await tracing.forceFlush();
    work(1);
    await tracing.forceFlush();
    expect(receiver.taken.size).toBe(2);
    expect(lines).toEqual([]);
  });
});

describe('what is private', () => {
  it('is in no line and no summary: credentials in the URL, headers, and what receivers say', async () => {
    const bodies: Buffer[] = [];
    const receiver = await receive((response, body) => {
      bodies.push(body);
      response.writeHead(401, 'secret').end('secret: your key is secret');
      return false;
    });
    const host = receiver.endpoint.replace('http://', '');
    const tracing = start(`http://me:secret@${host}/?key=secret`, {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret,x-key=secret',
      OTEL_LOG_LEVEL: 'all',
    });
    work(1);
    await tracing.shutdown();
    expect(bodies[0]?.length).toBeGreaterThan(0);
    const summary = tracing.summary();
    expect(summary.delivery?.dropped).toBe(1);
    for (const text of [...lines, summary.toText(), summary.toJson()]) {
      expect(text).not.toContain('secret');
    }
    expect(lines.length).toBeGreaterThan(0);
  });

  it('is in no line when a header cannot be sent, or the URL not be read', async () => {
    const receiver = await receive('healthy');
    const tracing = start(receiver.endpoint, {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret%0Aline',
      OTEL_LOG_LEVEL: 'all',
    });
    work(1);
    await tracing.shutdown();
    start('http://me:secret@[', { OTEL_LOG_LEVEL: 'all' });
    diag.warn('cannot read http://me:secret@example.com');
    expect(lines.join('\n')).not.toContain('secret');
    expect(tracing.delivery()).toMatchObject({ dropped: 1 });
  });
});
