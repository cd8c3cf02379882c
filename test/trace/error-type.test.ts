import { describe, expect, it } from 'vitest';
import { errorTypeOf } from '../../src/trace/error-type.js';
import { readSpanFacts } from '../../src/trace/span-facts.js';

const typeOf = (isError: boolean, attributes: Record<string, unknown>) =>
  errorTypeOf(isError, attributes, readSpanFacts('internal', attributes, 'a span'));

describe('the class of an error', () => {
  it('is told by an attribute, or is not known', () => {
    expect(typeOf(true, { 'error.type': 'TimeoutError' })).toBe('TimeoutError');
    expect(typeOf(true, { 'error.type': 500 })).toBe('_OTHER');
    expect(typeOf(false, { 'error.type': 'TimeoutError' })).toBeUndefined();
  });

  it('is there for a call of a model that Langfuse says has failed, and for nothing else of it', () => {
    const failed = { 'langfuse.observation.level': 'ERROR' };
    const call = { 'langfuse.observation.type': 'generation' };
    expect(typeOf(false, { ...call, ...failed })).toBe('_OTHER');
    expect(typeOf(false, { ...call, 'langfuse.observation.level': 'WARNING' })).toBeUndefined();
    expect(typeOf(false, failed)).toBeUndefined();
  });
});
