import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { segment, toJson } from 'hotspan';
import { afterAll, describe, expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

const folder = mkdtempSync(join(tmpdir(), 'hotspan-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the built command, as a user would. */
function hotspan(...args: string[]) {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function savedSummary(): string {
  const sdk = startSdk();
  segment('outer', () => segment('inner', () => 1));
  return toJson(sdk.bottlenecks.summary());
}

function damaged(fields: object): string {
  return JSON.stringify({ ...(JSON.parse(savedSummary()) as object), ...fields });
}

describe('hotspan report', () => {
  it('prints a saved summary as a table', () => {
    const { status, stdout, stderr } = hotspan('report', file('good.json', savedSummary()));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^unknown_service|test/);
    expect(stdout).toContain('outer');
    expect(stdout).not.toContain('\u001b');
  });

  it('ranks it anew and cuts it, as text and as JSON', () => {
    const path = file('again.json', savedSummary());
    const json = hotspan('report', path, '--json', '--rank-by', 'total', '--top', '1').stdout;
    expect(JSON.parse(json)).toMatchObject({
      schemaVersion: 1,
      rankedBy: 'total',
      bottlenecks: [{ rank: 1, name: 'outer' }],
    });
    expect(hotspan('report', path, '--top', '1').stdout).toContain('; 1 more row');
  });

  it.each([
    ['not JSON', 'oops', 'it is not JSON'],
    ['another document', '{"a":1}', 'its "schemaVersion" is missing, not 1'],
    ['a later version', '{"schemaVersion":2}', 'its "schemaVersion" is 2, not 1'],
    ['a list', '[]', 'its "schemaVersion" is missing, not 1'],
    ['null', 'null', 'it does not hold an object'],
    ['half a summary', '{"schemaVersion":1}', 'its "services" is not a list'],
    [
      'an unknown order',
      () => damaged({ rankedBy: 'constructor' }),
      'its "rankedBy" is none of critical, self, total, p95, cost, waste',
    ],
    [
      'a wrong total',
      () => damaged({ totals: { llmCalls: '3' } }),
      'its "totals.llmCalls" is not a number',
    ],
    ['a wrong warning', () => damaged({ warnings: [5] }), 'its "warnings[0]" is not a string'],
    [
      'a wrong row',
      () => damaged({ bottlenecks: [{}] }),
      'its "bottlenecks[0].name" is not a string',
    ],
    ['a null', () => damaged({ latency: null }), 'its "latency" is not an object'],
  ])('tells in one line what is wrong with %s', (name, content, why) => {
    const path = file(`${name}.json`, typeof content === 'string' ? content : content());
    expect(hotspan('report', path)).toEqual({
      status: 2,
      stdout: '',
      stderr: `hotspan: ${path}: expected a saved summary, but ${why}\n`,
    });
  });

  it('tells when there is no such file', () => {
    const path = join(folder, 'missing.json');
    expect(hotspan('report', path).stderr).toBe(
      `hotspan: ${path}: expected a saved summary, but there is no such file\n`,
    );
  });

  it.each([
    [['report', 'a.json', '--rank-by', 'speed'], "argument 'speed' is invalid"],
    [['report', 'a.json', '--top', '0'], 'Expected a whole number of at least 1'],
    [['report'], "missing required argument 'file'"],
    [['unknown'], "unknown command 'unknown'"],
  ])('exits with 2 on wrong usage: %j', (args, message) => {
    const { status, stdout, stderr } = hotspan(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('helps', () => {
    const { status, stdout } = hotspan('report', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--rank-by <figure>');
    expect(hotspan('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
