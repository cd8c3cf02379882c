import { closeness, keywordsOf, type Keyword } from './keywords.js';

/** The answer of the stand-in model if the sources do not answer the question. */
export const NO_ANSWER = 'The documents do not say.';

interface Sentence {
  readonly text: string;
  readonly source: number;
  readonly keywords: readonly Keyword[];
}

/** Returns search queries for a question: one for the whole, and one for each part. */
export function composeQueries(question: string): string[] {
  const parts = question.split(
    /,? and (?=after|are|can|do|does|how|is|what|when|where|which|why)/i,
  );
  const queries = [question, ...parts].map((part) =>
    keywordsOf(part)
      .map(({ word }) => word)
      .join(' '),
  );
  return [...new Set(queries)].filter((query) => query !== '');
}

/**
 * Answers a question with the two sentences from the prompt's sources that match it best, each with the
 * number of its source. The prompt comes from `prompts.ts`: `[1] title` and its text for each source, then
 * `Question: ...`.
 */
export function composeAnswer(prompt: string): string {
  const [context = '', question = ''] = prompt.split(/^Question: /m);
  const wanted = keywordsOf(question);
  const sentences = sentencesOf(context);
  const weights = new Map(wanted.map((word) => [word, rarity(word, sentences)]));
  const chosen: Sentence[] = [];
  let least = 0;
  while (chosen.length < 2) {
    const scored = sentences
      .filter((sentence) => !chosen.includes(sentence))
      .map((sentence) => ({ sentence, score: scoreOf(sentence, weights) }));
    const best = scored.sort((a, b) => b.score - a.score)[0];
    if (best === undefined || best.score <= least) break;
    chosen.push(best.sentence);
    least = best.score / 4;
    // The second sentence should add something new.
    for (const [word, weight] of weights) {
      weights.set(word, weight * (1 - 0.7 * closeness(word, best.sentence.keywords)));
    }
  }
  if (chosen.length === 0) return NO_ANSWER;
  // Sentences of one source keep their order.
  const at = (sentence: Sentence) => sentences.indexOf(sentence);
  chosen.sort((a, b) => (a.source === b.source ? at(a) - at(b) : 0));
  return chosen.map(({ text, source }) => text.replace(/[.!:]?$/, ` [${source}].`)).join(' ');
}

function rarity(word: Keyword, sentences: readonly Sentence[]): number {
  const having = sentences.filter(({ keywords }) => closeness(word, keywords) > 0).length;
  return Math.log(1 + sentences.length / Math.max(1, having));
}

function scoreOf(sentence: Sentence, weights: ReadonlyMap<Keyword, number>): number {
  let score = 0;
  for (const [word, weight] of weights) score += weight * closeness(word, sentence.keywords);
  // The first sources match the question best as a whole.
  return score / (1 + 0.25 * (sentence.source - 1));
}

function sentencesOf(context: string): Sentence[] {
  const sentences: Sentence[] = [];
  for (const block of context.split(/^(?=\[\d+\] )/m)) {
    const [title = '', ...lines] = block.split('\n');
    const source = Number(/^\[(\d+)\]/.exec(title)?.[1] ?? 0);
    if (source === 0) continue;
    for (const text of splitSentences(lines.join('\n'))) {
      if (text.length >= 40 && text.length <= 300) {
        sentences.push({ text, source, keywords: keywordsOf(text) });
      }
    }
  }
  return sentences;
}

/** Splits a text into sentences. A very short one is joined to the one before it. */
function splitSentences(text: string): string[] {
  return text.split(/\n\s*\n|\n\s*(?:[-+]|\d+\.)\s/).flatMap((paragraph) => {
    const line = paragraph
      .replace(/\s+/g, ' ')
      .replace(/^[-+]\s/, '')
      .trim();
    const parts = line.split(/(?<=[.!?])\s+(?=[A-Z"'])/);
    return parts.reduce<string[]>((joined, part) => {
      const last = joined.at(-1);
      if (last !== undefined && part.length < 40) joined[joined.length - 1] = `${last} ${part}`;
      else joined.push(part);
      return joined;
    }, []);
  });
}
