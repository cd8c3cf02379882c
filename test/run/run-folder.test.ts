import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RunFolder } from '../../src/run/run-folder.js';
import { summaryOfRun } from '../../src/run/run-summary.js';
import { summaryOf } from '../support/summary.js';

const folders: RunFolder[] = [];

function open(): RunFolder {
  const folder = RunFolder.create();
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

describe('the folder of a run', () => {
  it('is for this user alone, and goes with all that is in it', () => {
    const folder = open();
    folder.leave(summaryOf({ name: 'a' }), false);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder.path)) {
      expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600);
    }
    folder.remove();
    expect(() => statSync(folder.path)).toThrow('ENOENT');
  });

  it('holds one summary of each process, the last that it left', () => {
    const folder = open();
    folder.leave(summaryOf({ name: 'early' }), false);
    folder.leave(summaryOf({ name: 'late' }), false);
    const { summaries, unfinished } = folder.read();
    expect(summaries.map(({ bottlenecks }) => bottlenecks[0]?.name)).toEqual(['late']);
    expect(unfinished).toEqual([process.pid]);
    folder.leave(summaryOf({ name: 'last' }), true);
    expect(folder.read()).toMatchObject({
      summaries: [{ bottlenecks: [{ name: 'last' }] }],
      unfinished: [],
    });
  });

  it('leaves out what is no summary', () => {
    const folder = open();
    writeFileSync(join(folder.path, '1-0-0.json'), '{"schemaVersion": 1');
    writeFileSync(join(folder.path, '2-0-0.json'), '{"schemaVersion": 1}');
    expect(folder.read()).toEqual({ summaries: [], unfinished: [] });
    expect(summaryOfRun(folder.read())).toBeUndefined();
  });

  it('says that it is gone, and fails nobody', () => {
    const folder = open();
    rmSync(folder.path, { recursive: true });
    expect(folder.leave(summaryOf({ name: 'a' }), true)).toBe(false);
    expect(folder.read()).toEqual({ summaries: [], unfinished: [] });
    expect(folder.isFirstToSay('a line')).toBe(true);
    folder.remove();
  });

  it('lets a line be said once', () => {
    const folder = open();
    expect([folder.isFirstToSay('a'), folder.isFirstToSay('a')]).toEqual([true, false]);
    expect(new RunFolder(folder.path).isFirstToSay('b')).toBe(true);
  });
});

describe('the summary of a run', () => {
  it('counts the processes that left no last summary', () => {
    const summaries = [summaryOf({ name: 'a' }), summaryOf({ name: 'b' })];
    const lost =
      '2 processes or threads left no last summary: what they did at the end, after the last one, is missing';
    expect(summaryOfRun({ summaries, unfinished: [] })?.warnings).not.toContain(lost);
    expect(summaryOfRun({ summaries, unfinished: [1, 2] })?.warnings).toContain(lost);
  });

  it('tells nothing of processes that traced nothing, unless none did', () => {
    const idle = { ...summaryOf(), warnings: ['of the idle one'] };
    const busy = summaryOf({ name: 'a' });
    expect(summaryOfRun({ summaries: [idle, busy], unfinished: [] })?.warnings).toEqual([]);
    expect(summaryOfRun({ summaries: [idle], unfinished: [] })?.warnings).toEqual(idle.warnings);
    expect(summaryOfRun({ summaries: [summaryOf()], unfinished: [] })).toBeUndefined();
  });
});
