import { HeaviestMap } from '../heaviest-map.js';

/** So many names that differ in a number alone stay apart: the steps of a plan, the codes of HTTP. */
export const MAX_APART = 20;
/** The most forms of names to remember; the names of a form that many names have are remembered. */
const MAX_FORMS = 1_000;

const NUMBER = '{n}';
const NUMBERS = /\d+|\{n\}/g;
const HAS_NUMBER = /\d|\{n\}/;

/** The names that are the same but for their numbers. */
interface NameForm {
  /** The different numbers at each place; `undefined` once there were so many that they are data. */
  readonly places: (Set<string> | undefined)[];
  /** How many names were added. */
  count: number;
}

/**
 * Tells which numbers in names are data. At a place where more than {@link MAX_APART} different numbers were seen, all
 * else but numbers being the same, they are: `v1 fetch page 17` becomes `v1 fetch page {n}`. That depends on all
 * names that were seen, and not on their order.
 */
export class NumberedNames {
  readonly #forms = new HeaviestMap<NameForm>(MAX_FORMS, {
    makeOther: () => ({ places: [], count: 0 }),
    weightOf: ({ count }) => count,
    merge: () => undefined,
  });

  /**
   * Adds a name.
   *
   * @returns `true` if another name of its form may be called something else from now on
   */
  add(scope: string, name: string): boolean {
    if (!HAS_NUMBER.test(name)) return false;
    const numbers = name.match(NUMBERS) ?? [];
    const form = this.#forms.get(keyOf(scope, name), () => ({
      places: numbers.map(() => new Set<string>()),
      count: 0,
    }));
    form.count += 1;
    let isNew = false;
    for (const [at, number] of numbers.entries()) {
      const seen = form.places[at];
      if (seen === undefined) continue;
      seen.add(number);
      if (number !== NUMBER && seen.size <= MAX_APART) continue;
      form.places[at] = undefined;
      isNew = form.count > 1;
    }
    return isNew;
  }

  /** Returns the name without the numbers that are data. */
  nameOf(scope: string, name: string): string {
    if (!HAS_NUMBER.test(name)) return name;
    const places = this.#forms.find(keyOf(scope, name))?.places;
    if (places === undefined) return name;
    let at = 0;
    return name.replace(NUMBERS, (number) => (places[at++] === undefined ? NUMBER : number));
  }
}

/** The same for names that differ in their numbers alone. */
export function formOf(name: string): string {
  return HAS_NUMBER.test(name) ? name.replace(NUMBERS, NUMBER) : name;
}

/** Checks whether a name is the other, or the other stands for it: `fetch page {n}` for `fetch page 17`. */
export function standsFor(name: string, other: string): boolean {
  if (name === other) return true;
  if (!name.includes(NUMBER) || formOf(other) !== formOf(name)) return false;
  const numbers = other.match(NUMBERS) ?? [];
  return (name.match(NUMBERS) ?? []).every((each, at) => each === NUMBER || each === numbers[at]);
}

function keyOf(scope: string, name: string): string {
  return `${scope}\n${formOf(name)}`;
}
