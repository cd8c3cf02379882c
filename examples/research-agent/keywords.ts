const STOP_WORDS = new Set(
  (
    'a about all also an and any are as at be been but by can do does each for from get given has ' +
    'have how i if in into is it its many may more most much my no not of often on one or other ' +
    'own so some such than that the their them then there these they this to up use used uses ' +
    'using was we what when where which while who why will with without would you your'
  ).split(' '),
);

/** A word that carries meaning, with its parts of three letters. */
export interface Keyword {
  readonly word: string;
  readonly trigrams: ReadonlySet<string>;
}

/** Returns the words of a text that carry meaning, each once, in lower case. */
export function keywordsOf(text: string): Keyword[] {
  const words = text.toLowerCase().match(/[a-z0-9]+(?:[_-][a-z0-9]+)*/g) ?? [];
  const telling = words.filter((word) => word.length > 1 && !STOP_WORDS.has(word));
  return [...new Set(telling)].map((word) => ({ word, trigrams: trigramsOf(word) }));
}

/** Returns how well the closest of `keywords` matches `wanted`, from 0 to 1 (the same word). */
export function closeness(wanted: Keyword, keywords: readonly Keyword[]): number {
  let best = 0;
  for (const { word, trigrams } of keywords) {
    if (word === wanted.word) return 1;
    let shared = 0;
    for (const trigram of wanted.trigrams) if (trigrams.has(trigram)) shared += 1;
    best = Math.max(best, (2 * shared) / (wanted.trigrams.size + trigrams.size));
  }
  // "retry" and "retried" match. Words that share a few letters by chance do not.
  return best < 0.5 ? 0 : best;
}

function trigramsOf(word: string): Set<string> {
  const padded = `  ${word}`;
  const trigrams = new Set<string>();
  for (let at = 0; at + 3 <= padded.length; at += 1) trigrams.add(padded.slice(at, at + 3));
  return trigrams;
}
