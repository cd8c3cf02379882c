/**
 * What reading a million spans costs: the time (without that of loading the modules) and the peak memory
 * of `readSummary`, next to a program that only parses the same lines with `JSON.parse`. Each runs in a
 * process of its own, by turns; the medians are reported.
 *
 *     npm run bench:reading -- [spans] [rounds]
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SPANS_PER_TRACE = 50;
const START_SECONDS = 1_790_000_000;

/** What a program loads first, and what it then does with the file. */
interface Program {
  readonly load: string;
  readonly read: string;
}

const PARSE_ONLY: Program = {
  load: `import { createReadStream } from 'node:fs';
    import { createInterface } from 'node:readline';`,
  read: `const input = createReadStream(process.env.TRACES);
    let spans = 0;
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      for (const { scopeSpans } of JSON.parse(line).resourceSpans) spans += scopeSpans[0].spans.length;
    }`,
};

const MODULE = fileURLToPath(new URL('../dist/node/index.js', import.meta.url));
const READ_SUMMARY: Program = {
  load: `import { readSummary } from ${JSON.stringify(MODULE)};`,
  read: 'const { spans: { analyzed: spans } } = await readSummary(process.env.TRACES);',
};

interface Cost {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Runs a program on the file, which says how many spans it saw. */
function run({ load, read }: Program, file: string, spans: number): Cost {
  const script = `${load}
    const start = performance.now();
    ${read}
    const seconds = (performance.now() - start) / 1000;
    console.log(JSON.stringify({ spans, seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { TRACES: file },
  });
  if (stdout === '') throw new Error(stderr);
  const cost = JSON.parse(stdout) as Cost & { spans: number };
  if (cost.spans !== spans) throw new Error(`expected ${spans} spans, got ${cost.spans}`);
  return cost;
}

/** One trace as the collector's file exporter writes it: a server span and what it called. */
function trace(index: number): string {
  const traceId = (index + 1).toString(16).padStart(32, '0');
  const idOf = (span: number) =>
    (index * SPANS_PER_TRACE + span + 1).toString(16).padStart(16, '0');
  const time = (micros: number) =>
    `${START_SECONDS + Math.floor(index / 50)}${String((index % 50) * 20_000 + micros).padStart(6, '0')}000`;
  const spans = Array.from({ length: SPANS_PER_TRACE }, (_, span) => ({
    traceId,
    spanId: idOf(span),
    ...(span === 0 ? {} : { parentSpanId: idOf((span - 1) >> 1) }),
    flags: 257,
    name: span === 0 ? 'GET /items' : `step ${span % 12}`,
    kind: span === 0 ? 2 : span % 5 === 0 ? 3 : 1,
    startTimeUnixNano: time(span * 100),
    endTimeUnixNano: time(span === 0 ? 9_000 : 5_000 + span * 50),
    attributes: [
      { key: 'http.request.method', value: { stringValue: 'GET' } },
      { key: 'url.path', value: { stringValue: `/items/${span}` } },
      { key: 'server.address', value: { stringValue: 'localhost' } },
      { key: 'server.port', value: { intValue: '8080' } },
    ],
    status: span === 7 ? { code: 2 } : {},
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  return JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'bench' }, spans }] }],
  });
}

async function write(file: string, spans: number): Promise<void> {
  const out = createWriteStream(file);
  for (let index = 0; index < spans / SPANS_PER_TRACE; index += 1) {
    if (!out.write(`${trace(index)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

const spans = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'hotspan-bench-'));
try {
  const file = join(folder, 'traces.jsonl');
  await write(file, spans);
  const size = Math.round(statSync(file).size / 1e6);
  console.log(
    `${spans} spans, ${SPANS_PER_TRACE} a trace and a line, ${size} MB, Node ${process.version}`,
  );
  const costs: [Cost, Cost][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0;
    const first = run(order ? PARSE_ONLY : READ_SUMMARY, file, spans);
    const second = run(order ? READ_SUMMARY : PARSE_ONLY, file, spans);
    costs.push(order ? [first, second] : [second, first]);
  }
  for (const [side, name] of ['JSON.parse of the lines', 'readSummary'].entries()) {
    const seconds = median(costs.map((pair) => pair[side]!.seconds)).toFixed(2);
    const megabytes = median(costs.map((pair) => pair[side]!.megabytes)).toFixed(0);
    console.log(`${name.padEnd(24)} ${seconds} s   ${megabytes} MB at its peak`);
  }
  const ratio = median(costs.map(([parse, read]) => read.seconds / parse.seconds));
  console.log(`ratio of the times       ${ratio.toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true });
}
