import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProfileFiles } from '../../src/cpu-profile/profile-files.js';

const folder = mkdtempSync(join(tmpdir(), 'hotspan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const profile = { nodes: [], startTime: 1, endTime: 2, samples: [], timeDeltas: [] };

describe('the files of profiles', () => {
  it('go to a directory that is made with those that it is in', () => {
    const directory = join(folder, 'a', 'b', 'c');
    const files = new ProfileFiles(directory, 20);
    const names = [files.nextName(), files.nextName()];
    for (const name of names) files.write(name, profile);
    expect(readdirSync(directory).sort()).toEqual(names.sort());
    expect(JSON.parse(readFileSync(join(directory, names[0]!), 'utf8'))).toEqual(profile);
  });

  it('are refused at once where there is a file in the way', () => {
    writeFileSync(join(folder, 'file'), '');
    const files = new ProfileFiles(join(folder, 'file', 'below'), 20);
    expect(() => files.write(files.nextName(), profile)).toThrow('ENOTDIR');
  });

  it.runIf(existsSync('/proc/self'))('are refused at once where nothing can be made', () => {
    const files = new ProfileFiles('/proc/hotspan/profiles', 20);
    expect(() => files.write(files.nextName(), profile)).toThrow('ENOENT');
  });
});
