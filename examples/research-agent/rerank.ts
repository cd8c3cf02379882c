import type { Passage } from './documents.js';
import { closeness, keywordsOf } from './keywords.js';

/**
 * Sorts passages by how well they answer a question. It compares every word of the question with every
 * word of every passage, so it takes a while. Rare words count most. Words in one sentence count together,
 * and words in the title count separately.
 */
export function rerank(question: string, passages: readonly Passage[]): Passage[] {
  const wanted = keywordsOf(question);
  const compare = (text: string) => {
    const keywords = keywordsOf(text);
    return wanted.map((word) => closeness(word, keywords));
  };
  const compared = passages.map((passage) => ({
    passage,
    title: compare(`${passage.packageName} ${passage.heading}`),
    sentences: passage.text.split(/(?<=[.!?])\s|\n\s*\n/).map(compare),
  }));
  const weights = wanted.map((_, word) => {
    const having = compared.filter(({ title, sentences }) =>
      [title, ...sentences].some((matches) => (matches[word] ?? 0) > 0),
    );
    return Math.log(1 + passages.length / Math.max(1, having.length));
  });
  const weigh = (matches: readonly number[]) =>
    matches.reduce((score, match, word) => score + match * (weights[word] ?? 0), 0);

  return compared
    .map(({ passage, title, sentences }) => {
      const anywhere = wanted.map((_, word) => Math.max(...sentences.map((at) => at[word] ?? 0)));
      const score = weigh(title) + weigh(anywhere) + Math.max(...sentences.map(weigh));
      return { passage, score };
    })
    .sort((a, b) => b.score - a.score || a.passage.id - b.passage.id)
    .map(({ passage }) => passage);
}
