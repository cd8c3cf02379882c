import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/report/printable-summary.js';
import { summaryOf } from '../support/summary.js';
import { folderForTests, hotspan } from './support.js';

const folder = folderForTests();
const saved = folder.write('saved.json', toJson(summaryOf({ name: 'search', p95Seconds: 2 })));
const file = join(folder.path, 'page.html');

describe('--html', () => {
  it.each([
    ['report', [saved]],
    ['diff', [saved, saved]],
  ])('of %s also writes a page, and says where', (command, sources) => {
    const args = [command, ...sources];
    const { status, stdout, stderr } = hotspan([...args, '--html', file]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: `hotspan: the page is in ${file}\n` });
    expect(stdout).toBe(hotspan(args).stdout);
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>\n.*search.*<\/html>\n$/s);
  });

  it.each([
    ['report', [saved]],
    ['diff', [saved, saved]],
  ])('of %s links into the Jaeger of HOTSPAN_JAEGER_URL', (command, sources) => {
    const args = [command, ...sources, '--html', file];
    hotspan(args, { HOTSPAN_JAEGER_URL: 'http://jaeger.test' });
    expect(readFileSync(file, 'utf8')).toContain('"jaegerUrl":"http://jaeger.test"');
  });

  it('says in one line when the file cannot be written', () => {
    const { status, stderr } = hotspan(['report', saved, '--html', join(folder.path, 'no/p.html')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^hotspan: ENOENT: .*p\.html'\n$/);
  });
});

describe('hotspan run --html', () => {
  const program = folder.write(
    'traced.mjs',
    "import http from 'node:http';\n" +
      "const server = http.createServer((_, answer) => answer.end('ok')).listen(0, () =>\n" +
      '  http.get({ port: server.address().port }, (answer) => {\n' +
      "    answer.resume().on('end', () => server.close());\n" +
      '  }));\n',
  );

  it('writes the page of the program beside its summary', () => {
    const page = join(folder.path, 'run.html');
    const out = join(folder.path, 'run.md');
    const args = ['run', '--html', page, '--out', out, '--', process.execPath, program];
    expect(hotspan(args, { OTEL_TRACES_EXPORTER: 'none' }).status).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('<!doctype html>');
    expect(readFileSync(out, 'utf8')).toContain('###');
  });

  it('writes files for other programs, as the option or the ending of --out says, and goes on after one that it cannot', () => {
    const [paths, events, stacks, out] = ['p.json', 'e.json', 'no/s.txt', 'o.FOLDED'].map((name) =>
      join(folder.path, name),
    ) as [string, string, string, string];
    const files = ['--speedscope', paths, '--folded', stacks, '--chrome-trace', events];
    const args = ['run', ...files, '--out', out, '--', process.execPath, program];
    const { status, stderr } = hotspan(args, { OTEL_TRACES_EXPORTER: 'none' });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `hotspan: the summary could not be written to ${stacks} (ENOENT)\n`,
    });
    expect(JSON.parse(readFileSync(paths, 'utf8'))).toHaveProperty('profiles');
    expect(JSON.parse(readFileSync(events, 'utf8'))).toHaveProperty('traceEvents');
    expect(readFileSync(out, 'utf8')).toMatch(/^GET.* \d+\n$/m);
  });

  it('writes a page where --out ends in .html, and text to stderr where it cannot', () => {
    const out = join(folder.path, 'out.html');
    const run = (path: string) =>
      hotspan(['run', '--out', path, '--', process.execPath, program], {
        OTEL_TRACES_EXPORTER: 'none',
      });
    run(out);
    expect(readFileSync(out, 'utf8')).toContain('<!doctype html>');
    const { stderr } = run(join(folder.path, 'no/out.html'));
    expect(existsSync(join(folder.path, 'no'))).toBe(false);
    expect(stderr).toContain('could not be written');
    expect(stderr).not.toContain('<!doctype');
  });
});
