import { parseJson, pick } from '../fields.js';

/** What to do about errors of ClickHouse, by their numbers. */
const HINTS: readonly (readonly [codes: readonly number[], hint: string])[] = [
  [
    [60, 81],
    'the address can name the database and the table, as in ?database=otel&table=otel_traces',
  ],
  [[16, 47], "expected the columns that the Collector's ClickHouse exporter makes"],
  [[192, 193, 194, 516], 'CLICKHOUSE_USER and CLICKHOUSE_PASSWORD can name another user'],
  [[159, 160, 241], 'ask for less: a later `since`, or one `shard` after another'],
];

const EXCEPTION = /Code: (\d+)[.,].*?DB::Exception: (.+)/s;
/** What follows the message itself: the query, advice for owners of the server, its version. */
const BEHIND = /\.? in scope SELECT|: while executing|\n\nIf you |\(version \d|\n__exception__/i;
const MAX_LENGTH = 300;

/** Returns what an error of ClickHouse says, in a line, and what to do about it; `undefined` if it is none. */
export function clickHouseProblem(text: string, user = ''): string | undefined {
  const json = pick(parseJson(text), ['exception']);
  const [, code, message = ''] = EXCEPTION.exec(typeof json === 'string' ? json : text) ?? [];
  if (code === undefined) return undefined;
  const [said = ''] = message.split(BEHIND);
  const line = said.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, MAX_LENGTH);
  const isUser = user !== '' && line.startsWith(`${user}: `);
  const hint = HINTS.find(([codes]) => codes.includes(Number(code)))?.[1];
  const what = isUser ? line.slice(user.length + 2) : line;
  return `ClickHouse says: ${what} (code ${code})${hint === undefined ? '' : `; ${hint}`}`;
}

/** Far more than an error has. */
const TAIL_BYTES = 16 * 2 ** 10;
const IS_ROW = /^\{"(?:Timestamp|ServiceName)":.*\}$/;

/** Keeps the end of an answer, where ClickHouse says what kept it from going on, after a status that was good. */
export class AnswerTail {
  #bytes = Buffer.alloc(0);
  #isWhole = true;

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.#bytes, chunk.subarray(-TAIL_BYTES)]);
    this.#isWhole &&= this.#bytes.length + chunk.length <= TAIL_BYTES;
    this.#bytes = all.subarray(-TAIL_BYTES);
  }

  /** What is behind the last row. */
  get behindRows(): string {
    const lines = this.#bytes.toString().trimEnd().split('\n');
    const rows = lines.findLastIndex(
      (line, at) => IS_ROW.test(line) || (at === 0 && !this.#isWhole && line.endsWith('}')),
    );
    return lines.slice(rows + 1).join('\n');
  }
}
