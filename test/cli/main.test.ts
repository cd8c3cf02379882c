import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { toJson } from '../../src/report/printable-summary.js';
import { describe, expect, it } from 'vitest';
import { summaryOf } from '../support/summary.js';
import { endOf, folderForTests, hotspan, inShell, startHotspan } from './support.js';

const folder = folderForTests();
const good = folder.write('good.json', toJson(summaryOf({ name: 'search' })));
// More than a pipe holds.
const rows = Array.from({ length: 2_000 }, (_, index) => ({ name: `search ${index}` }));
const manyBudgets = Array.from({ length: 1_000 }, () => '--max=p95=1s');
const large = folder.write('large.json', toJson(summaryOf(...rows)));

describe('hotspan', () => {
  it('prints its help when it is told nothing', () => {
    const { status, stdout, stderr } = hotspan([]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Usage: hotspan');
    expect(stdout).toBe(hotspan(['--help']).stdout);
  });

  it.each(['report', 'diff', 'check', 'what-if'])(
    'helps with examples that are no wrong usage: %s',
    (command) => {
      const { status, stdout } = hotspan([command, '--help']);
      expect(status).toBe(0);
      expect(stdout).toBe(hotspan(['help', command]).stdout);
      const examples = stdout.split('\n').filter((line) => /^ {2}(hotspan|cat) /.test(line));
      expect(examples.length).toBeGreaterThan(1);
      for (const example of examples) {
        const { stderr } = inShell(example, folder.path);
        // Without the file, `cat` gives hotspan nothing, which is an empty summary.
        expect(stderr).toMatch(/^(hotspan|cat): /);
        expect(stderr).not.toContain('--help)');
      }
    },
  );

  it('tells its version', () => {
    expect(hotspan(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['reprot', 'a.json'], "unknown command 'reprot' (Did you mean report?) (see hotspan --help)"],
    [['report'], "missing required argument 'source' (see hotspan report --help)"],
    [['report', 'a', '--tpo', '1'], "unknown option '--tpo' (Did you mean --top?) (see hotspan r"],
    [['report', 'a', '--top', '0'], 'Expected a whole number of at least 1. (see hotspan report'],
    [['report', 'a', '--rank-by', 'speed'], "'speed' is invalid. Allowed choices are critical, sa"],
    [['report', 'a', '--json', '--markdown'], "'--json' cannot be used with option '--markdown'"],
    [['report', 'a', '--jaeger-url', 'localhost'], 'Expected an address such as http://localhost'],
    [['diff', 'a.json'], "missing required argument 'after'"],
    [['diff', 'a', 'b', 'c'], 'too many arguments for'],
    [['check', 'a.json'], 'expected a budget to check, such as --max p95=2s'],
    [['check', 'a.json', '--max'], "option '--max <budget>' argument missing"],
    [['check', 'a.json', '--max', 'p95=2'], 'budget "p95=2": expected a time with its unit'],
    [['--color\u001b[2J\nred'], "unknown option '--color [2J red'"],
  ])('says in one line what is wrong with %j', (args, message) => {
    const { status, stdout, stderr } = hotspan(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^hotspan: .*\n$/);
  });

  it.each(['localhost:16686', 'me:s3cret@localhost:16686', 'localhost:16686/search'])(
    'hints at what is missing in %s',
    (source) => {
      const { status, stderr } = hotspan(['report', source]);
      expect(status).toBe(2);
      expect(stderr).toMatch(
        /^hotspan: localhost:16686(\/search)?: there is no such file; the address of a server begins with http:/,
      );
    },
  );

  it('repeats no password', () => {
    const { stderr } = hotspan(['report', good, '--jaeger-url', 'http://me:s3cret@host:99999']);
    expect(stderr).toContain("argument 'http://host:99999' is invalid. Expected an address");
  });

  it.each([
    ['a file that is not there', 'missing.json'],
    ['a directory', '.'],
    ['text', folder.write('text.json', 'oops')],
    ['null', folder.write('null.json', 'null')],
    ['another document', folder.write('other.json', '{"a":1}')],
  ])('says in one line that a source is %s', (_, source) => {
    for (const args of [
      ['report', source],
      ['diff', good, source],
      ['check', source, '--max', 'p95=1s'],
    ]) {
      const { status, stdout, stderr } = hotspan(args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^hotspan: .*expected .*\n$/);
      expect(stderr).toContain(source);
    }
  });

  it('has no colours where there is no terminal, unless they are asked for', () => {
    const { stdout } = hotspan(['report', good]);
    expect(stdout).not.toContain('\u001b');
    for (const env of [{ NO_COLOR: '1' }, { FORCE_COLOR: '0' }, { TERM: 'dumb' }]) {
      expect(hotspan(['report', good], env).stdout).toBe(stdout);
    }
    expect(hotspan(['report', good], { FORCE_COLOR: '1' }).stdout).toContain('\u001b[1m');
  });

  const canHaveTerminal = spawnSync('script', ['--version']).status === 0;
  it.skipIf(!canHaveTerminal)('has colours in a terminal, unless they are not wanted', () => {
    const inTerminal = (env: string) =>
      inShell(`script -qec "${env} hotspan report ${good}" /dev/null`, folder.path).stdout;
    expect(inTerminal('TERM=xterm')).toContain('\u001b[1m');
    expect(inTerminal('TERM=xterm NO_COLOR=1')).not.toContain('\u001b');
  });

  it.each([
    ['report', 0, ['report', large, '--json']],
    ['check', 1, ['check', large, '--json', ...manyBudgets]],
  ] as [string, number, string[]][])(
    'ends quietly when nobody reads on: %s',
    async (_, status, args) => {
      const child = startHotspan(args);
      child.stdout.once('data', () => child.stdout.destroy());
      expect(await endOf(child)).toEqual({ status, stderr: '' });
    },
  );

  it.skipIf(!existsSync('/dev/full'))('says when its output cannot be written', () => {
    expect(inShell(`hotspan report ${good} > /dev/full`, folder.path)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'hotspan: the output could not be written (ENOSPC)\n',
    });
  });

  /** Sends the signal while the command reads. */
  async function interrupted(signal: NodeJS.Signals, env: NodeJS.ProcessEnv = {}) {
    const child = startHotspan(['report', '-'], env);
    // More than a pipe holds: it has been written when it is being read.
    child.stdin.write(' '.repeat(1_000_000), () => child.kill(signal));
    child.stdin.on('error', () => undefined);
    return endOf(child);
  }

  it('ends at once on Ctrl-C while it reads', async () => {
    expect(await interrupted('SIGINT')).toEqual({ status: 130, stderr: '' });
  });

  it('tells of the unexpected in one line, too', async () => {
    const code = "process.on('SIGUSR2',()=>{throw(new(Error)('first\\nsecond'))})";
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${code}` };
    expect(await interrupted('SIGUSR2', env)).toEqual({
      status: 2,
      stderr: 'hotspan: something unexpected happened: first second\n',
    });
  });
});
