import type { Summary } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { MODULE, rowsOf, TestApplication } from './support.js';

/** A package of an instrumentation: it makes one span, named for itself, when it is switched on. */
function fake(name: string, body = ''): Record<string, string> {
  return {
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0' }),
    [`node_modules/${name}/index.js`]: `
      class Fake {
        constructor(options) { this.options = options; ${body} }
        instrumentationName = '${name}';
        enable() {
          this.tracer?.startSpan('${name}' + (this.options ? ' with ' + Object.keys(this.options) : '')).end();
        }
        disable() {}
        setTracerProvider(provider) { this.tracer = provider.getTracer('${name}'); }
      }
      exports.FakeInstrumentation = Fake;
      exports.Again = Fake;
      exports.helper = () => undefined;`,
  };
}

function fakes(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => Object.entries(fake(name))));
}

const NAMES = [
  '@opentelemetry/instrumentation-fake',
  '@opentelemetry/instrumentation-fs',
  '@traceloop/instrumentation-langchain',
  '@traceloop/instrumentation-some',
  '@arizeai/openinference-instrumentation-other',
  '@fastify/otel',
];
const BROKEN = '@opentelemetry/instrumentation-broken';
const dependencies = (names: readonly string[]) =>
  JSON.stringify({
    name: 'shop',
    dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
  });
const app = new TestApplication({
  'package.json': dependencies(NAMES),
  ...fakes([...NAMES, '@opentelemetry/instrumentation-unlisted']),
  'idle.mjs': '',
  'deeper/idle.mjs': '',
});

async function switchedOn(env: NodeJS.ProcessEnv = {}, file = 'idle.mjs'): Promise<string[]> {
  const ran = await app.node(['--import', 'hotspan/register', file], {
    env: { HOTSPAN_SUMMARY: 'json', ...env },
  });
  return Object.keys(rowsOf(ran)).sort();
}

describe('the instrumentations that an application has installed', () => {
  it('are switched on once each, except for those of files and of LangChain', async () => {
    const on = [
      '@arizeai/openinference-instrumentation-other',
      '@fastify/otel with registerOnInitialization',
      '@opentelemetry/instrumentation-fake',
      '@traceloop/instrumentation-some',
    ];
    expect(await switchedOn()).toEqual(on);
    expect(await switchedOn({}, 'deeper/idle.mjs')).toEqual(on);
  });

  it('are chosen by the variables of OpenTelemetry', async () => {
    expect(await switchedOn({ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'fs, some' })).toEqual([
      '@opentelemetry/instrumentation-fs',
      '@traceloop/instrumentation-some',
    ]);
    expect(await switchedOn({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fake,fastify,other' })).toEqual(
      ['@traceloop/instrumentation-some'],
    );
  });

  it('are left out if they fail, and one line says so', async () => {
    const broken = new TestApplication({
      'package.json': dependencies([BROKEN, NAMES[0]!, '@opentelemetry/instrumentation-missing']),
      ...fake(NAMES[0]!),
      ...fake(BROKEN, "throw new Error('not today\\nat line 2');"),
      'main.mjs': `${MODULE} await work('x'); console.log('done');`,
    });
    const ran = await broken.node(['--import', 'hotspan/register', 'main.mjs']);
    expect(ran).toMatchObject({ code: 0, stdout: 'done\n' });
    const lines = ran.stderr.split('\n').filter((line) => line.startsWith('hotspan:'));
    expect(lines).toEqual([
      `hotspan: ${BROKEN} could not be switched on, and is left out (not today).`,
      expect.stringMatching(
        /^hotspan: @opentelemetry\/instrumentation-missing could not be .* find module/,
      ),
    ]);
    expect(ran.stderr).toContain(NAMES[0]);
  });

  it('come from auto-instrumentations-node first, and are not made twice', async () => {
    const ALL = '@opentelemetry/auto-instrumentations-node';
    const auto = new TestApplication({
      'package.json': dependencies([NAMES[0]!, ALL]),
      ...fake(NAMES[0]!),
      [`node_modules/${ALL}/index.js`]: `exports.getNodeAutoInstrumentations = () => [
        new (require('${NAMES[0]!}').FakeInstrumentation)({ by: 'auto' })];`,
      'idle.mjs': '',
    });
    const env = { HOTSPAN_SUMMARY: 'json' };
    const ran = await auto.node(['--import', 'hotspan/register', 'idle.mjs'], { env });
    expect(rowsOf(ran)).toEqual({ [`${NAMES[0]!} with by`]: 1 });
  });

  it('see what ES modules import, where OpenTelemetry’s hook is installed', async () => {
    const hooked = new TestApplication({
      'package.json': dependencies([NAMES[0]!]),
      ...fake(NAMES[0]!),
      'node_modules/@opentelemetry/instrumentation/hook.mjs': `export async function load(url, context, next) {
        const loaded = await next(url, context);
        return url.endsWith('main.mjs') ? { ...loaded, source: "console.log('hooked')" } : loaded;
      }`,
      'main.mjs': '',
    });
    const { stdout } = await hooked.node(['--import', 'hotspan/register', 'main.mjs']);
    expect(stdout).toBe('hooked\n');
  });

  const hook = (minor: number) => ({
    'package.json': `{"version":"0.${minor}.0"}`,
    'hook.mjs': `export async function load(url, context, next) {
      const loaded = await next(url, context);
      return url.endsWith('main.mjs') ? { ...loaded, source: "console.log(${minor})" } : loaded;
    }`,
  });
  const within = (folder: string, files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
  const hookedBy = (minor: number, minorOfPackage: number) =>
    new TestApplication({
      'package.json': dependencies([NAMES[0]!]),
      ...fake(NAMES[0]!),
      ...within('node_modules/@opentelemetry/instrumentation', hook(minor)),
      ...within(
        `node_modules/${NAMES[0]!}/node_modules/@opentelemetry/instrumentation`,
        hook(minorOfPackage),
      ),
      'main.mjs': "console.log('itself');",
    }).node(['--import', 'hotspan/register', 'main.mjs'], { env: { HOTSPAN_SUMMARY: '0' } });

  it('see it by the newest of the hooks that are there', async () => {
    expect((await hookedBy(46, 203)).stdout).toBe('203\n');
    expect((await hookedBy(210, 203)).stdout).toBe('210\n');
  });

  it('do without a hook that breaks modules, and one line says so', async () => {
    const { stdout, stderr } = await hookedBy(46, 51);
    expect(stdout).toBe('itself\n');
    expect(stderr).toContain(
      'hotspan: expected @opentelemetry/instrumentation 0.52 or later, found 0.51.0: its hook',
    );
  });
});

describe('fetch and http, which need no package', () => {
  it('are traced, with the spans of a server below those of its client', async () => {
    app.write({
      'http.mjs': `import { createServer, get } from 'node:http';
const server = createServer((request, response) => response.end('ok')).listen(0, async () => {
  const url = 'http://localhost:' + server.address().port + '/users/12?key=secret';
  await (await fetch(url)).text();
  get(url, (response) => response.resume().on('end', () => { server.close(); server.closeAllConnections(); }));
});`,
    });
    const env = {
      HOTSPAN_SUMMARY: 'json',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fake,some,other,fastify',
    };
    const ran = await app.node(['--import', 'hotspan/register', 'http.mjs'], { env });
    const { spans } = JSON.parse(ran.stderr) as Summary;
    expect(spans.analyzed).toBe(4);
    expect(ran.stderr).not.toContain('secret');
  });
});
