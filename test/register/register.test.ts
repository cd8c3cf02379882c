import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Summary } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { COMMONJS, MODULE, rowsOf, TestApplication } from './support.js';

const IMPORT = ['--import', 'hotspan/register'];
const JSON_SUMMARY = { env: { HOTSPAN_SUMMARY: 'json' } };

const app = new TestApplication({
  'module.mjs': `${MODULE} await work('in a module'); console.log('done'); process.exitCode = 3;`,
  'common.cjs': `${COMMONJS} work('in commonjs').then(() => process.exit(4));`,
  'required.cjs': `require('hotspan/register');\n${COMMONJS} work('in commonjs');`,
  'idle.mjs': '',
  'kill.mjs': `${MODULE} await work('before'); process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9_000);`,
  'throws.mjs': `${MODULE} await work('before'); throw new Error('of the program');`,
  'threads.mjs': `import { isMainThread, Worker } from 'node:worker_threads';
${MODULE} const [, , way] = process.argv;
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { argv: [way], env: { OTEL_TRACES_EXPORTER: 'none' } });
  worker.on('message', () => {
    if (way === 'exit') process.exit(6);
    if (way === 'terminate') worker.terminate();
  });
  await work('in the main thread');
} else {
  const { parentPort } = await import('node:worker_threads');
  await work('in a thread');
  if (way !== 'end') setInterval(() => {}, 1_000);
  parentPort.postMessage('done');
}`,
  'cluster.mjs': `import cluster from 'node:cluster';
${MODULE}
if (cluster.isPrimary) { cluster.fork(); cluster.fork(); await work('primary'); }
else { await work('worker'); cluster.worker.disconnect(); }`,
  'tracing.mjs': `import { startTracing } from 'hotspan/node';
${MODULE} await work('before');
const tracing = startTracing({ serviceName: 'own', bottlenecks: { groupName: (name) => name.toUpperCase() } });
await work('after');
await tracing.shutdown();
console.log(tracing.summary().services.join());`,
  'twice.mjs': `import { startTracing } from 'hotspan/node';
startTracing();
try { startTracing(); } catch (error) { console.log(error.message.slice(0, 60)); }`,
  'other.mjs': `import { BasicTracerProvider } from './sdk.mjs';
import { context } from '@opentelemetry/api';
${MODULE} await work('before');
const provider = new BasicTracerProvider();
console.log(trace.setGlobalTracerProvider(provider));
await work('after');
console.log(provider.started);`,
  'sdk.mjs': `export class BasicTracerProvider {
  started = 0;
  getTracer() {
    return { startActiveSpan: (name, run) => { this.started += 1; return run({ end() {} }); } };
  }
}`,
  'first.mjs': `import { trace } from '@opentelemetry/api';
import { BasicTracerProvider } from './sdk.mjs';
trace.setGlobalTracerProvider(new BasicTracerProvider());`,
});

describe('node --import hotspan/register', () => {
  it('ranks a program that does not know of it, on stderr, and keeps its exit code', async () => {
    const ran = await app.node([...IMPORT, 'module.mjs']);
    expect(ran).toMatchObject({ code: 3, stdout: 'done\n' });
    expect(ran.stderr).toMatch(/^shop · 1 trace .*\n\n(.*\n)? #[^]* 1 {2}in a module/);
  });

  it('takes CommonJS, and can be required', async () => {
    const imported = await app.node([...IMPORT, 'common.cjs'], JSON_SUMMARY);
    const required = await app.node(['required.cjs'], JSON_SUMMARY);
    expect(rowsOf(imported)).toEqual({ 'in commonjs': 1 });
    expect(rowsOf(required)).toEqual({ 'in commonjs': 1 });
    expect([imported.code, required.code]).toEqual([4, 0]);
  });

  it.each([
    ['kill.mjs', { code: null, signal: 'SIGTERM' }],
    ['throws.mjs', { code: 1, signal: null }],
  ])('changes nothing about how %s ends', async (file, end) => {
    const ran = await app.node([...IMPORT, file]);
    expect(ran).toMatchObject(end);
    expect(ran.stderr).toContain(' 1  before');
  });

  it('ranks one entry point alone', async () => {
    const its = await app.node([...IMPORT, 'module.mjs'], {
      env: { HOTSPAN_ENTRY: 'in a module' },
    });
    const other = await app.node([...IMPORT, 'module.mjs'], { env: { HOTSPAN_ENTRY: 'other' } });
    expect(its.stderr).toMatch(/ 1 {2}in a module/);
    expect(other.stderr).toContain('no trace of the entry point `other` has ended');
  });

  it('groups by attributes', async () => {
    const ran = await app.node([...IMPORT, 'module.mjs'], { env: { HOTSPAN_BY: 'service.name' } });
    expect(ran.stderr).toMatch(/ service\.name .*\n shop +100\.0 %/);
  });

  it('says in one line that nothing was traced', async () => {
    const { stderr } = await app.node([...IMPORT, 'idle.mjs']);
    expect(stderr).toMatch(/^hotspan: nothing was traced: .*\n$/);
  });

  it('writes to the file of HOTSPAN_OUT as its name says, and nothing for HOTSPAN_SUMMARY=0', async () => {
    const json = await app.node([...IMPORT, 'module.mjs'], { env: { HOTSPAN_OUT: 'out.json' } });
    const md = await app.node([...IMPORT, 'module.mjs'], { env: { HOTSPAN_OUT: 'out.md' } });
    const none = await app.node([...IMPORT, 'module.mjs'], { env: { HOTSPAN_SUMMARY: '0' } });
    const read = (name: string) => readFileSync(join(app.folder, name), 'utf8');
    expect([json, md, none].map(({ stderr }) => stderr)).toEqual(['', '', '']);
    expect((JSON.parse(read('out.json')) as Summary).services).toEqual(['shop']);
    expect(read('out.md')).toMatch(/^### `shop` · 1 trace/);
  });

  it('links the page of HOTSPAN_OUT into Jaeger, and says once what is wrong with its address', async () => {
    const run = (HOTSPAN_JAEGER_URL: string) => {
      const env = { HOTSPAN_OUT: 'out.html', HOTSPAN_VIEW: '0', HOTSPAN_JAEGER_URL };
      return app.node([...IMPORT, 'module.mjs'], { env });
    };
    const page = () => readFileSync(join(app.folder, 'out.html'), 'utf8');
    expect((await run('http://jaeger.test/base/search')).stderr).toBe('');
    expect(page()).toContain('"jaegerUrl":"http://jaeger.test/base"');
    expect((await run('jaeger.test')).stderr).toBe(
      'hotspan: expected HOTSPAN_JAEGER_URL to be an address such as http://localhost:16686; it is ignored.\n',
    );
    expect(page()).not.toContain('jaeger.test');
  });

  it('writes to stderr where the file cannot be written, and says so in one line', async () => {
    const { code, stderr } = await app.node([...IMPORT, 'module.mjs'], {
      env: { HOTSPAN_OUT: 'no/out.json' },
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/ 1 {2}in a module/);
    expect(stderr.match(/^hotspan: .*$/gm)).toEqual([
      'hotspan: the summary could not be written to no/out.json (ENOENT).',
    ]);
  });

  it.each(['end', 'terminate', 'exit'])(
    'has the spans of a thread in the summary: %s',
    async (way) => {
      const ran = await app.node([...IMPORT, 'threads.mjs', way], JSON_SUMMARY);
      expect(ran.code).toBe(way === 'exit' ? 6 : 0);
      const { 'in a thread': inThread } = rowsOf(ran);
      expect(inThread).toBe(1);
    },
  );

  it('has the workers of a cluster in the summary', async () => {
    const ran = await app.node([...IMPORT, 'cluster.mjs'], JSON_SUMMARY);
    expect(rowsOf(ran)).toEqual({ primary: 1, worker: 2 });
  });

  it('leaves no folder behind', async () => {
    const env = { TMPDIR: join(app.folder, 'tmp') };
    app.write({
      'tmp/.keep': '',
      'folder.mjs': `${MODULE} await work('x'); console.log(process.env.HOTSPAN_RUN_FOLDER);`,
    });
    const { stdout } = await app.node([...IMPORT, 'folder.mjs'], { env });
    expect(stdout).toContain(join(env.TMPDIR, 'hotspan-run-'));
    expect(existsSync(stdout.trim())).toBe(false);
  });
});

describe('a program with tracing of its own under hotspan/register', () => {
  it('starts hotspan with its own options, and the summary has both parts once', async () => {
    const ran = await app.node([...IMPORT, 'tracing.mjs'], JSON_SUMMARY);
    expect(ran.stdout).toBe('own\n');
    expect(rowsOf(ran)).toEqual({ AFTER: 1, before: 1 });
    expect((JSON.parse(ran.stderr) as Summary).services).toEqual(['own', 'shop']);
  });

  it('cannot start it twice', async () => {
    const { stdout } = await app.node([...IMPORT, 'twice.mjs']);
    expect(stdout).toBe('startTracing: expected no OpenTelemetry provider yet, but on\n');
  });

  it('can register another provider, and is told how that one is ranked', async () => {
    const ran = await app.node([...IMPORT, 'other.mjs'], JSON_SUMMARY);
    expect(ran.stdout).toBe('true\n1\n');
    const [line, ...summary] = ran.stderr.split('\n');
    expect(line).toMatch(
      /^hotspan: the program registers .* \(BasicTracerProvider\), and hotspan steps back\. .* new NodeSDK\(/,
    );
    expect(rowsOf({ ...ran, stderr: summary.join('\n') })).toEqual({ before: 1 });
  });

  it('says nothing more where another provider has all spans', async () => {
    app.write({
      'only-other.mjs': `import { trace } from '@opentelemetry/api';
trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => undefined }) });`,
    });
    const alone = await app.node([...IMPORT, 'only-other.mjs']);
    const run = await app.run(['node', 'only-other.mjs'], { flags: [] });
    for (const { stderr } of [alone, run]) {
      expect(stderr).toMatch(/^hotspan: the program registers .* and hotspan steps back\. .*\n$/);
    }
  });

  it('gives the other provider the spans of tracers that were there before it', async () => {
    app.write({
      'early.mjs': `import { trace } from '@opentelemetry/api';
const early = trace.getTracer('early');
early.startSpan('ours').end();
const made = (name) => ({ startSpan: (span) => console.log(name, span), startActiveSpan: () => undefined });
trace.setGlobalTracerProvider({ getTracer: made });
early.startSpan('theirs');`,
    });
    const ran = await app.node([...IMPORT, 'early.mjs'], JSON_SUMMARY);
    expect(ran.stdout).toBe('early theirs\n');
  });

  it('runs without hotspan if a provider was there first, and one line says so', async () => {
    const ran = await app.node(['--import', './first.mjs', ...IMPORT, 'module.mjs']);
    expect(ran).toMatchObject({ code: 3, stdout: 'done\n' });
    expect(ran.stderr).toMatch(
      /^hotspan: startTracing: expected no .* \(BasicTracerProvider\).*; the program runs without hotspan\.\n$/,
    );
  });
});
