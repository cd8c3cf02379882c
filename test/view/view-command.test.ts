import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DrawnTrace, ListedTrace, NewestList, PageData } from '../../src/page-data.js';
import { readSummary, type Summary } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { endOf, hotspan, startHotspan } from '../cli/support.js';
import { fixture } from '../readers/support.js';
import { main, TestApplication } from '../register/support.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { encodeOtlpRequest } from '../support/otlp-request.js';
import { afterwards, events, post, traceRequest } from './support.js';

/** Starts a command, and waits until it says this. */
async function startSaying(args: readonly string[], saying: RegExp, env: NodeJS.ProcessEnv = {}) {
  const child = startHotspan(args, env);
  afterwards(() => child.kill('SIGKILL'));
  return { child, said: await saidBy(child, saying) };
}

async function saidBy(
  { stderr }: { readonly stderr: NodeJS.ReadableStream },
  saying: RegExp,
): Promise<string> {
  let said = '';
  while (!saying.test(said)) said += String(await once(stderr, 'data'));
  return said;
}

const addressIn = (said: string) => /the page is at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)![1]!;
/** What comes from a server until its process is gone. */
async function* untilGone<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    expect(error).toMatchObject({ message: 'terminated' });
  }
}

const ANY_PORT = ['view', '--port', '0'];

/** The first data of a page that this holds for. */
async function pageWhere(address: string, holds: (page: PageData) => boolean): Promise<PageData> {
  for await (const { event, data } of events(address)) {
    const page = event === 'page' ? (JSON.parse(data) as PageData) : undefined;
    if (page !== undefined && holds(page)) return page;
  }
  throw new Error('expected further data, but the events ended');
}

describe('hotspan view', () => {
  it('ranks what programs send, says where its page is, and ends with Ctrl-C', async () => {
    const { child, said } = await startSaying(ANY_PORT, /Ctrl-C ends it/);
    const address = addressIn(said);
    expect(said).toBe(
      `hotspan: the page is at ${address}\n` +
        `hotspan: it shows the traces that are sent to ${address}/v1/traces; Ctrl-C ends it\n`,
    );
    const page = await (await fetch(address)).text();
    expect(page).toContain("connect-src 'self'");
    await post(address, encodeOtlpRequest(traceRequest()), {
      'content-type': 'application/x-protobuf',
    });
    const { summary, about } = await pageWhere(
      address,
      ({ summary }) => summary.traces.analyzed > 0,
    );
    expect(summary.bottlenecks.map(({ name }) => name)).toEqual(['checkout', 'query']);
    expect([about.live, about.latency.count]).toEqual([true, 1]);
    child.kill('SIGINT');
    expect((await endOf(child)).status).toBe(130);
  });

  it('says which port it takes where the one that was asked for is taken, and what it refuses, once', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    afterwards(() => other.close());
    const { port } = other.address() as AddressInfo;
    const { child, said } = await startSaying(['view', '--port', String(port)], /Ctrl-C/);
    expect(said).toContain(` (${port} is taken)\n`);
    const refused = saidBy(child, /\n/);
    for (const garbage of ['garbage', 'more', '{}']) await post(addressIn(said), garbage);
    expect(await refused).toBe(
      'hotspan: a request was refused: expected traces of OTLP in JSON, got something else\n',
    );
  });

  it('sends on what it gets where the environment names an endpoint, as it came', async () => {
    const receiver = await startOtlpReceiver();
    afterwards(() => receiver.close());
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint };
    const { said } = await startSaying(ANY_PORT, /Ctrl-C/, env);
    expect(said).toContain(`hotspan: spans are sent on to ${receiver.endpoint}/v1/traces\n`);
    await post(addressIn(said), JSON.stringify(traceRequest()));
    await expect.poll(() => receiver.spans.map(({ name }) => name)).toEqual(['query', 'checkout']);
    expect(receiver.headers[0]!['content-type']).toBe('application/json');
  });

  it('says once that nobody is there to send on to, and goes on', async () => {
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces' };
    const { child, said } = await startSaying(ANY_PORT, /Ctrl-C/, env);
    const lost = saidBy(child, /could not be sent on/);
    const answers = [1, 2].map(() => post(addressIn(said), JSON.stringify(traceRequest())));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await lost).toBe(
      'hotspan: spans could not be sent on to http://127.0.0.1:1/v1/traces (connection refused)\n',
    );
  });

  it('shows a file, whose page asks for nothing', async () => {
    const file = fixture('collector.otlp.jsonl');
    const { said } = await startSaying(['view', '--port', '0', file], /Ctrl-C/);
    const page = await (await fetch(addressIn(said))).text();
    expect(page).toContain("connect-src 'none'");
    expect(page).toContain('<script type="application/json" id="data">');
    expect((await post(addressIn(said), '{}')).status).toBe(404);
  });

  it('groups a file, and takes one entry point of it alone', async () => {
    const file = fixture('collector.otlp.jsonl');
    const summary = await readSummary(file);
    const { name } = summary.entryPoints![0]!;
    const args = ['--entry', name, '--by', 'http.request.method'];
    const { said } = await startSaying(['view', '--port', '0', file, ...args], /Ctrl-C/);
    const response = await fetch(`${addressIn(said)}/summary.json`);
    const { entryPoints, by } = (await response.json()) as Summary;
    expect(entryPoints?.map((each) => each.name)).toEqual([name]);
    expect(by?.[0]?.attribute).toBe('http.request.method');
  });

  it('groups what it receives', async () => {
    const { said } = await startSaying([...ANY_PORT, '--by', 'app.tier'], /Ctrl-C/);
    const attributes = { 'app.tier': 'gold' };
    await post(addressIn(said), JSON.stringify(traceRequest({ attributes })));
    const { summary } = await pageWhere(
      addressIn(said),
      (page) => page.summary.traces.analyzed > 0,
    );
    expect(summary.by?.[0]?.values[0]?.value).toBe('gold');
  });

  it.each([
    [['--entry', 'no such', fixture('collector.otlp.jsonl')], 'no entry point "no such"'],
    [['--port', 'x'], 'a port from 0 to 65535'],
    [['--port', '65536'], 'a port from 0 to 65535'],
    [['no-such-file.json'], 'there is no such file'],
  ])('refuses %j in one line', (args, expected) => {
    const { status, stderr } = hotspan(['view', ...args]);
    expect([status, stderr.split('\n').length]).toEqual([2, 2]);
    expect(stderr).toContain(expected);
  });
});

/** Works before somebody looks, and again for each line that it reads. */
const LISTED = `
import { createInterface } from 'node:readline';
import { segment } from 'hotspan';
const work = (name) => segment(name, () => segment('query', () => new Promise((done) => setTimeout(done, 5))));
await work('before');
for await (const line of createInterface(process.stdin)) if (!globalThis.done) globalThis.done = await work('meanwhile') ?? true;
`;

const APP = `
import { createInterface } from 'node:readline';
import { segment } from 'hotspan';
await segment('checkout', () => segment('query', () => new Promise((done) => setTimeout(done, 5))));
// Runs until its input ends.
await segment('still running', async () => { for await (const line of createInterface(process.stdin)); });
`;

describe('the page of a program', () => {
  const app = new TestApplication({
    'app.mjs': APP,
    'listed.mjs': LISTED,
    'listed-own.mjs': `
import { startTracing } from 'hotspan/node';
startTracing({ view: { port: 0 } });
${LISTED}`,
    'own.mjs': `
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
startTracing({ view: { port: 0 } });
await segment('checkout', () => undefined);
await segment('still running', async () => { for await (const _ of process.stdin); });
`,
  });

  /** Starts a program, and looks at its page while it runs. */
  async function look(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const seen: string[] = [];
    const ran = app.node(args, {
      env,
      onSaid: async (child, said) => {
        for await (const { event, data } of untilGone(events(addressIn(said)))) {
          const page = event === 'page' ? (JSON.parse(data) as PageData) : undefined;
          seen.push(page === undefined ? event : `${page.summary.traces.analyzed} ended`);
          if (page?.summary.running?.longest[0]?.name !== 'still running') continue;
          seen.push('running');
          child.stdin?.end();
        }
      },
    });
    return { ...(await ran), seen };
  }

  it('is served by hotspan run, outside of the program, and told when it ends', async () => {
    const { code, seen, stderr } = await look([
      main,
      'run',
      '--view',
      '0',
      '--json',
      '--',
      'node',
      'app.mjs',
    ]);
    expect(code).toBe(0);
    expect(stderr.match(/the page is at/g)).toHaveLength(1);
    expect(seen.slice(-2)).toEqual(['2 ended', 'end']);
    expect(seen).toContain('running');
  });

  it.each([
    ['hotspan run', [main, 'run', '--view', '0', '--', 'node', 'listed.mjs']],
    ['startTracing', ['listed-own.mjs']],
  ])('lists what ended before and while somebody looks: %s', async (_, args) => {
    const found: NewestList[] = [];
    const ran = app.node(args, {
      onSaid: async (child, said) => {
        const address = addressIn(said);
        const names = new Set<string>();
        for await (const { event, data } of untilGone(events(address))) {
          const page = event === 'page' ? (JSON.parse(data) as PageData) : undefined;
          if (page === undefined || page.about.newest === 0) continue;
          const list = (await (await fetch(`${address}/traces.json`)).json()) as NewestList;
          for (const { name } of list.traces) names.add(name);
          if (names.has('before') && list.traces.some(({ spans }) => spans === 2)) {
            child.stdin?.write('go on\n');
          }
          if (!names.has('meanwhile')) continue;
          found.push(list);
          const [{ traceId, at }] = list.traces as [ListedTrace];
          const drawn = await fetch(`${address}/trace.json?id=${traceId}&at=${at}`);
          expect(((await drawn.json()) as DrawnTrace).spans.map(({ name }) => name)).toEqual([
            ...['meanwhile', 'query'],
          ]);
          child.stdin?.end();
        }
      },
    });
    expect((await ran).code).toBe(0);
    const [{ traces }] = found as [NewestList];
    expect(traces.map(({ name, spans }) => [name, spans])).toEqual([
      ['meanwhile', 2],
      ['before', 2],
    ]);
  });

  it('is also asked for by HOTSPAN_VIEW, of hotspan run and of hotspan/register', async () => {
    const env = { HOTSPAN_VIEW: '4390', HOTSPAN_JAEGER_URL: 'http://localhost:16686' };
    const run = await look([main, 'run', '--json', '--', 'node', 'app.mjs'], env);
    expect([run.code, run.stderr.match(/the page is at/g)]).toEqual([0, ['the page is at']]);
    expect(run.seen).toContain('running');
    const registered = await look(['--import', 'hotspan/register', 'app.mjs'], env);
    expect(registered.code).toBe(0);
    expect(registered.seen).toContain('running');
    // Nobody traces those who look.
    for (const { stderr } of [run, registered]) expect(stderr).not.toContain('GET');
  });

  it('is served inside of it by startTracing, and does not keep it alive for those who look', async () => {
    const { code, seen, stderr } = await look(['own.mjs']);
    expect([code, seen.at(-1)]).toEqual([0, 'running']);
    expect(stderr).toMatch(/^hotspan: the page is at \S+\n$/);
  });

  it.each(['x', '70000', '-1'])(
    'is not served where HOTSPAN_VIEW is %s, which is said',
    async (value) => {
      const { stderr, code } = await app.node(['--import', 'hotspan/register', 'app.mjs'], {
        env: { HOTSPAN_VIEW: value, HOTSPAN_SUMMARY: '0' },
      });
      expect([code, stderr]).toEqual([
        0,
        `hotspan: expected HOTSPAN_VIEW to be 1, 0 or a port, got "${value}"; it is ignored.\n`,
      ]);
    },
  );
});
