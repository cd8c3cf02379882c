import { MAX_KINDS } from '../bounded.js';
import { plural } from '../format.js';
import { BY_COUNT, HeaviestMap } from '../heaviest-map.js';
import type { SpanFacts } from '../trace/span-record.js';
import { OWN_SCOPE } from '../version.js';

/** A sentence for people, and how often there was reason for it. */
export interface CountedWarning {
  /** With `{spans}` or `{calls}` it says itself how many there were. */
  readonly text: string;
  readonly count: number;
}

const TIMES = / \((\d+) times\)$/;

/** What stands in for the warnings that there is no room for. */
export const OTHER_WARNING = 'further warnings of other kinds';

/** Stand in a text for the number of what it is about: `{spans}: …` becomes `3 spans: …`. */
const SPANS = '{spans}';
export const CALLS = '{calls}';
const COUNTED = [
  [SPANS, 'span', /(?<=^|: )(\d[\d,]*) spans?(?=: )/],
  [CALLS, 'call', /(?<=^|: )(\d[\d,]*) calls?(?=: )/],
] as const;

/** What is odd about a span, with the name of the instrumentation that made it, if that is another. */
export function textAbout({ llmCall, ifAlone }: SpanFacts, warning: string): string {
  const { reporter = OWN_SCOPE } = llmCall ?? ifAlone?.llmCall ?? {};
  return reporter === OWN_SCOPE ? warning : `${reporter}: ${SPANS}: ${warning}`;
}

/** The sentence as a summary has it: `text`, or `text (3 times)`. */
export function warningText({ text, count }: CountedWarning): string {
  for (const [mark, unit] of COUNTED) {
    if (text.includes(mark)) return text.replace(mark, plural(count, unit));
  }
  return count === 1 ? text : `${text} (${count} times)`;
}

export function readWarning(sentence: string): CountedWarning {
  for (const [mark, , pattern] of COUNTED) {
    const found = pattern.exec(sentence);
    if (found === null) continue;
    const count = Number(found[1]!.replaceAll(',', ''));
    return { text: sentence.replace(pattern, mark), count };
  }
  const count = Number(TIMES.exec(sentence)?.[1] ?? 1);
  return { text: sentence.replace(TIMES, ''), count };
}

/** Counts warnings by their sentences, in bounded memory. */
export class CountedWarnings {
  readonly #all = new HeaviestMap<CountedWarning & { count: number }>(MAX_KINDS, {
    ...BY_COUNT,
    makeOther: () => ({ text: OTHER_WARNING, count: 0 }),
  });

  add(text: string, times: number): void {
    if (times > 0) this.#all.get(text, () => ({ text, count: 0 })).count += times;
  }

  list(): string[] {
    return this.#all.values().map(warningText);
  }
}
