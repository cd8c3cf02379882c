import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL, URL } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A folder that is there until the tests end. */
export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'hotspan-browser-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function start(args, env = {}) {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

/** Runs `hotspan`. */
export async function hotspan(...args) {
  const child = start(args);
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  child.stdout.resume();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`hotspan ${args.join(' ')} ended with ${code}: ${said}`);
}

const folder = makeFolder();

/** Writes the page of traces, or of a summary, and returns its address. */
export async function writePage(name, source, ...args) {
  const [from, page] = [join(folder, `${name}.json`), join(folder, `${name}.html`)];
  writeFileSync(from, source);
  await hotspan('report', from, '--html', page, ...args);
  return pathToFileURL(page).href;
}

/** Writes a summary of traces in a format for other tools, and returns the file. */
export async function writeFormat(flag, name, source) {
  const [from, file] = [join(folder, `${name}.json`), join(folder, `${name}.${flag}.json`)];
  writeFileSync(from, source);
  await hotspan('report', from, `--${flag}`, file);
  return file;
}

/** Starts `hotspan view`, and returns its address. */
export async function startView(...args) {
  const child = start(['view', '--port', '0', ...args], { OTEL_EXPORTER_OTLP_ENDPOINT: '' });
  const lines = createInterface({ input: child.stderr });
  const output = createInterface({ input: child.stdout });
  const address = await new Promise((resolve, reject) => {
    let said = '';
    const read = (line) => {
      said += `${line}\n`;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found !== null) resolve(found[0]);
    };
    lines.on('line', read);
    output.on('line', read);
    child.once('close', (code) => reject(new Error(`hotspan view ended with ${code}: ${said}`)));
  });
  const stop = async () => {
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  };
  return { address, stop };
}
