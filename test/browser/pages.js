import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  return spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } });
}

/** Runs `hotspan`, and returns what it printed. */
async function hotspan(...args) {
  const child = start(args);
  let [printed, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (data) => (printed += data));
  child.stderr.on('data', (data) => (said += data));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`hotspan ${args.join(' ')} ended with ${code}: ${said}`);
  return printed;
}

const folder = makeFolder();

function writeSource(name, source) {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, source);
  return file;
}

/** Writes the page of traces, or of a summary, and returns its address. */
export async function writePage(name, source, ...args) {
  const page = join(folder, `${name}.html`);
  await hotspan('report', writeSource(name, source), '--html', page, ...args);
  return pathToFileURL(page).href;
}

/** Writes the page of a diff of two sources, and returns its address. */
export async function writeDiff(name, before, after, ...args) {
  const page = join(folder, `${name}-diff.html`);
  const sources = [writeSource(`${name}-before`, before), writeSource(`${name}-after`, after)];
  await hotspan('diff', ...sources, '--html', page, ...args);
  return pathToFileURL(page).href;
}

/** The summary of traces, as it is saved. */
export async function summaryOf(source) {
  return JSON.parse(await hotspan('report', writeSource('summed', source), '--json'));
}

/** Writes what other tools read, and returns it. */
export async function writeFormat(flag, source) {
  const file = join(folder, `for-${flag}.json`);
  await hotspan('report', writeSource('formats', source), `--${flag}`, file);
  return { file, content: JSON.parse(readFileSync(file, 'utf8')) };
}

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts `hotspan view`, and returns its address. */
export async function startView(...args) {
  const child = start(['view', '--port', '0', ...args], { OTEL_EXPORTER_OTLP_ENDPOINT: '' });
  running.add(child);
  child.once('close', () => running.delete(child));
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
    if (child.kill('SIGTERM')) await closed;
  };
  return { address, stop };
}

/** Sends traces to a page that receives them: a request of OTLP on each line. */
export async function sendTraces(address, traces) {
  const headers = { 'content-type': 'application/json' };
  for (const body of traces.split('\n')) {
    const response = await fetch(`${address}/v1/traces`, { method: 'POST', headers, body });
    if (response.status !== 200) throw new Error(await response.text());
  }
}
