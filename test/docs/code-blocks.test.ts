import { execFile, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startOpenAiServer,
  type OpenAiServer,
} from '../../examples/research-agent/openai-server.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Block {
  readonly title: string;
  readonly file: string;
  readonly code: string;
  /** The lines that it prints, by its comments that begin with an arrow. */
  readonly promised: readonly string[];
}

/** Every ```ts block of the README, of docs, and of the docstrings in src. */
function findBlocks(): Block[] {
  const under = (folder: string) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
          join(folder, path),
        )
      : [];
  const files = [
    'README.md',
    ...under('docs').filter((path) => path.endsWith('.md')),
    ...under('src').filter((path) => path.endsWith('.ts')),
  ];
  return files.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8').replace(/^[ \t]*\*[ ]?/gm, (star) =>
      path.endsWith('.ts') ? '' : star,
    );
    const blocks = [...text.matchAll(/^[ \t]*```ts\n(.*?)^[ \t]*```/gms)];
    return blocks.map(([, code = ''], index) => ({
      title: `${path}, block ${index + 1}`,
      file: `${path.replace(/\W+/g, '-')}-${index + 1}`,
      code,
      promised: [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line = '']) => line),
    }));
  });
}

const blocks = findBlocks();
// Inside the package, so that its own name resolves to what is built, as for a user.
const folder = mkdtempSync(join(root, '.docs-run-'));
let openai: OpenAiServer;
let receiver: OtlpReceiver;

beforeAll(async () => {
  openai = await startOpenAiServer();
  receiver = await startOtlpReceiver();
  mkdirSync(join(folder, 'out'), { recursive: true });
  for (const { file, code } of blocks) {
    writeFileSync(join(folder, `${file}.ts`), `${code}\nexport {};\n`);
  }
  const compilerOptions = {
    noEmit: false,
    rootDir: '.',
    outDir: 'out',
    paths: {},
    noUnusedLocals: false,
  };
  const config = { extends: '../tsconfig.json', compilerOptions, include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await openai.close();
  await receiver.close();
});

describe('the code blocks of README, docs and docstrings', () => {
  it('are there', () => {
    expect(blocks.filter(({ title }) => title.startsWith('README')).length).toBeGreaterThan(3);
    expect(blocks.filter(({ title }) => title.startsWith('src')).length).toBeGreaterThan(5);
  });

  it('compile against the built package', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  it.each(blocks)('run, and print what they say: $title', async ({ file, promised }) => {
    const env = {
      PATH: process.env.PATH,
      OPENAI_BASE_URL: openai.url,
      OPENAI_API_KEY: 'not-needed',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [`out/${file}.js`], {
      cwd: folder,
      env,
    });
    expect(stderr).toBe('');
    const printed = stdout.split('\n').filter((line) => promised.includes(line));
    expect(printed).toEqual(promised);
  });
});
