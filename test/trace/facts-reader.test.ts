import { describe, expect, it } from 'vitest';
import { factsReader } from '../../src/trace/facts-reader.js';
import type { GroupName } from '../../src/trace/group-name.js';
import { readSpanFacts } from '../../src/trace/span-facts.js';

function reading(group: GroupName) {
  const warnings: string[] = [];
  const read = factsReader(group, (text) => warnings.push(text));
  return { read, warnings };
}

describe('a function of the user that names rows', () => {
  it('learns the kind and the attributes of a span, and the name that they tell', () => {
    const { read } = reading((name, { kind, attributes }) =>
      [name, kind, attributes['app.tenant']].join(' | '),
    );
    const attributes = { 'http.method': 'GET', 'net.peer.name': 'a.com', 'app.tenant': 'x' };
    expect(read('client', attributes, 'GET')).toMatchObject({
      rowName: 'GET a.com | client | x',
      isHttpClient: true,
    });
  });

  it('is asked once about the spans of a name and kind without attributes, about others each time', () => {
    const asked: string[] = [];
    const { read } = reading((name) => {
      asked.push(name);
      return 'all';
    });
    for (const kind of ['internal', 'internal', 'client'] as const) read(kind, {}, 'work');
    for (let time = 0; time < 2; time += 1) read('internal', { a: 1 }, 'load');
    expect(asked).toEqual(['work', 'work', 'load', 'load']);
  });

  it('is not asked about calls of a model', () => {
    const { read } = reading(() => 'other');
    const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
    expect(read('client', call, 'chat gpt-4o')).toEqual(readSpanFacts('client', call));
  });

  it('leaves the names as they are when it fails, and says so', () => {
    const thrower = reading(() => {
      throw new Error('no');
    });
    expect(thrower.read('internal', {}, 'work')).toEqual({});
    expect(thrower.warnings).toEqual([
      '`groupName` threw an error, so the names of spans were not grouped',
    ]);
    const wrong = reading(() => 7 as never);
    expect(wrong.read('internal', {}, 'work')).toEqual({});
    expect(wrong.warnings).toEqual([
      '`groupName` did not return a string, so the names of spans were not grouped',
    ]);
  });

  it('gets names without secrets, cut', () => {
    const { read } = reading((name) => `<${name}>`);
    const { rowName = '' } = read('internal', {}, `password=hunter2 ${'x'.repeat(1_000)}`);
    expect(rowName).not.toContain('hunter2');
    expect(rowName.length).toBeLessThanOrEqual(200);
  });
});
