/** A sentence for people, and how often there was reason for it. */
export interface CountedWarning {
  readonly text: string;
  readonly count: number;
}

const TIMES = / \((\d+) times\)$/;

/** What stands in for the warnings that there is no room for. */
export const OTHER_WARNING = 'further warnings of other kinds';

/** The sentence as a summary has it: `text`, or `text (3 times)`. */
export function warningText({ text, count }: CountedWarning): string {
  return count === 1 ? text : `${text} (${count} times)`;
}

export function readWarning(sentence: string): CountedWarning {
  const count = Number(TIMES.exec(sentence)?.[1] ?? 1);
  return { text: sentence.replace(TIMES, ''), count };
}
