import { describe, expect, it } from 'vitest';
import { CALLS, readWarning, textAbout, warningText } from '../../src/ranking/counted-warning.js';

describe('a counted warning', () => {
  const call = { provider: 'openai', model: 'gpt-4o', requestModel: undefined };
  const theirs = textAbout(
    { llmCall: { ...call, reporter: '@acme/openai' } },
    'x was not a number',
  );

  it.each([
    ['a sentence', 1, 'a sentence'],
    ['a sentence', 3, 'a sentence (3 times)'],
    [`${CALLS}: the cost leaves out web_search`, 1, '1 call: the cost leaves out web_search'],
    [`${CALLS}: the cost leaves out web_search`, 3, '3 calls: the cost leaves out web_search'],
    [theirs, 1, '@acme/openai: 1 span: x was not a number'],
    [theirs, 12_345, '@acme/openai: 12,345 spans: x was not a number'],
    ['no trace of `3 spans` has ended', 2, 'no trace of `3 spans` has ended (2 times)'],
  ])('%s is said of %i, and read again', (text, count, sentence) => {
    expect(warningText({ text, count })).toBe(sentence);
    expect(readWarning(sentence)).toEqual({ text, count });
  });

  it('of hotspan’s own spans has no name before it', () => {
    expect(textAbout({ llmCall: { ...call, reporter: 'hotspan' } }, 'odd')).toBe('odd');
    expect(textAbout({}, 'odd')).toBe('odd');
  });
});
