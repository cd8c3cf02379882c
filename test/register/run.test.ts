import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMONJS, MODULE, rowsOf, TestApplication } from './support.js';

const app = new TestApplication({
  'package.json': '{"name":"shop","scripts":{"start":"node exit.cjs"}}',
  'exit.cjs': `${COMMONJS} work('in a script').then(() => process.exit(3));`,
  'echo.mjs': `${MODULE} await work('x'); for await (const chunk of process.stdin) process.stdout.write(chunk);`,
  'args.mjs': `${MODULE} await work('x'); console.log(process.argv.slice(2).join(' '), process.env.NODE_OPTIONS);`,
  'experiment.mjs': `${MODULE} await work('x'); console.log(JSON.stringify(process.env.HOTSPAN_EXPERIMENT));`,
  'wait.mjs': `${MODULE} await work('x');
process.on('SIGTERM', () => work('clean up').then(() => process.exit(5)));
console.log('up'); setInterval(() => {}, 1_000);`,
  'killed.mjs': `${MODULE} await work('x'); console.log('up'); setInterval(() => {}, 1_000);`,
  'family.mjs': `import { fork, spawn } from 'node:child_process';
${MODULE} const [, , role] = process.argv;
if (role === undefined) {
  await work('parent');
  const inherit = { stdio: ['ignore', 'inherit', 'inherit'] };
  fork('family.mjs', ['forked']);
  spawn('node', ['family.mjs', 'spawned'], inherit);
  const doomed = spawn('node', ['family.mjs', 'killed'], { stdio: ['ignore', 'pipe', 'inherit'] });
  // What it has left by then is what counts.
  doomed.stdout.once('data', () => setTimeout(() => doomed.kill('SIGKILL'), 500));
} else {
  await work(role);
  if (role === 'killed') { console.log('up'); setInterval(() => {}, 1_000); }
}`,
  'daemon.mjs': `import { spawn } from 'node:child_process';
${MODULE} await work('parent');
const daemon = spawn('node', ['-e', 'setTimeout(() => {}, 20_000)'], { detached: true, stdio: 'ignore' });
daemon.unref();
console.log(daemon.pid);`,
  'node-test.mjs': `import test from 'node:test';\n${MODULE} test('a test', () => work('in a test'));`,
  ...Object.fromEntries(
    ['one', 'two'].map((name) => [
      `${name}.test.mjs`,
      `import { test } from 'vitest';\n${MODULE} test('${name}', () => work('in ${name}'));`,
    ]),
  ),
  'typed.mts': `${MODULE.replace('(name,', '(name: string,')} const name: string = 'in TypeScript'; await work(name);`,
});

const root = fileURLToPath(new URL('../..', import.meta.url));
symlinkSync(join(root, 'node_modules/vitest'), join(app.folder, 'node_modules/vitest'));

describe('hotspan run', () => {
  it('runs a command, and keeps its exit code and its output', async () => {
    const ran = await app.run(['node', 'exit.cjs']);
    expect(ran).toMatchObject({ code: 3, stdout: '' });
    expect(rowsOf(ran)).toEqual({ 'in a script': 1 });
  });

  it('runs an npm script, and tells nothing of npm itself', async () => {
    const ran = await app.run(['npm', 'start', '--silent']);
    expect(ran.code).toBe(3);
    expect(rowsOf(ran)).toEqual({ 'in a script': 1 });
  });

  it('runs tests of Node', async () => {
    expect(rowsOf(await app.run(['node', '--test', 'node-test.mjs']))).toEqual({ 'in a test': 1 });
  });

  it.each(['forks', 'threads'])('runs tests of vitest in %s', async (pool) => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const ran = await app.run(['node', vitest, 'run', `--pool=${pool}`]);
    expect(ran.stdout).toContain('2 passed');
    expect(rowsOf(ran)).toEqual({ 'in one': 1, 'in two': 1 });
  });

  it('runs TypeScript through tsx', async () => {
    const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
    expect(rowsOf(await app.run(['node', tsx, 'typed.mts']))).toEqual({ 'in TypeScript': 1 });
  });

  it('ranks one entry point alone, or says that there is none', async () => {
    const flags = ['--json', '--entry', 'spawned'];
    const ran = await app.run(['node', 'family.mjs'], { flags });
    expect(rowsOf(ran)).toEqual({ spawned: 1 });
    expect(ran.stderr).not.toContain('no trace of');
    const none = await app.run(['node', 'exit.cjs'], { flags });
    expect(none.stderr).toContain('no trace of the entry point `spawned` has ended');
  });

  it('makes an experiment, with the rows that are named', async () => {
    const named = ['--experiment', 'load users', 'summarize'];
    const ran = await app.run(['node', 'experiment.mjs'], { flags: named });
    expect(ran.stdout).toBe('"load users\\nsummarize"\n');
    expect(ran.stderr).toContain('the experiment begins after 30 requests; there were 1');
    const chosen = await app.run(['node', 'experiment.mjs'], { flags: ['--experiment'] });
    expect(chosen.stdout).toBe('"1"\n');
  });

  it('says once that the file cannot be written, and keeps the summary', async () => {
    const { code, stderr } = await app.run(['node', 'exit.cjs'], { flags: ['--out', 'no/out.md'] });
    expect(code).toBe(3);
    expect(stderr).toMatch(/ 1 {2}in a script/);
    const line = 'hotspan: the summary could not be written to no/out.md (ENOENT)';
    expect(stderr.match(/^hotspan: .*$/gm)).toEqual([line]);
  });

  it('leaves the input and the arguments to the program', async () => {
    expect(await app.run(['node', 'echo.mjs'], { stdin: 'hello' })).toMatchObject({
      stdout: 'hello',
    });
    const env = { NODE_OPTIONS: '--no-deprecation' };
    const { stdout } = await app.run(['node', 'args.mjs', '--top', 'x'], { env });
    expect(stdout).toMatch(/^--top x --import=file:\S+ --no-deprecation\n$/);
  });

  it('passes a signal on, and ends as the program does', async () => {
    const onLine = (child: { kill: (signal: 'SIGTERM') => unknown }) => child.kill('SIGTERM');
    const handled = await app.run(['node', 'wait.mjs'], { onLine });
    expect(handled).toMatchObject({ code: 5, signal: null, stdout: 'up\n' });
    expect(rowsOf(handled)).toEqual({ 'clean up': 1, x: 1 });
    const killed = await app.run(['node', 'killed.mjs'], { onLine });
    expect(killed).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(rowsOf(killed)).toEqual({ x: 1 });
  });

  it('merges the processes that the program starts, also one that is killed', async () => {
    const ran = await app.run(['node', 'family.mjs']);
    expect(rowsOf(ran)).toEqual({ forked: 1, killed: 1, parent: 1, spawned: 1 });
    expect(ran.stderr).toContain('1 process or thread left no last summary');
  });

  it('does not wait for a process that lives on', async () => {
    const startMillis = performance.now();
    const ran = await app.run(['node', 'daemon.mjs']);
    expect(performance.now() - startMillis).toBeLessThan(15_000);
    process.kill(Number(ran.stdout));
    expect(rowsOf(ran)).toEqual({ parent: 1 });
  });

  it.each([
    [['--', 'no-such-command'], 'expected a command to run, such as node app.js, got "no-such-com'],
    [[], "missing required argument 'command' (see hotspan run --help)"],
    [['--tpo', '1', '--', 'node'], "unknown option '--tpo' (Did you mean --top?) (see hotspan run"],
  ])('says in one line what is wrong with %j', async (args, line) => {
    const main = join(root, 'dist/cli/main.js');
    const { code, stderr } = await app.node([main, 'run', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(`hotspan: ${line}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
