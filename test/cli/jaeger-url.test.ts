import { expect, it } from 'vitest';
import { findJaegerUrl } from '../../src/cli/report-command.js';

it.each([
  ['http://localhost:16686', 'http://localhost:16686/'],
  ['http://localhost:16686/', 'http://localhost:16686/'],
  ['https://user:secret@jaeger.example/base/search?service=a', 'https://jaeger.example/base'],
  ['https://jaeger.example/base/trace/abc?uiFind=1', 'https://jaeger.example/base'],
  ['http://localhost:16686/api/v3/traces/abc', 'http://localhost:16686'],
])('links to the Jaeger that is read: %s', (source, url) => {
  expect(findJaegerUrl(undefined, ['a.json', source], {})).toBe(url);
});

it('links to where the option says first, and to where the variable says last', () => {
  const env = { HOTSPAN_JAEGER_URL: ' http://c.example ' };
  expect(findJaegerUrl('http://a.example', ['http://b.example'], env)).toBe('http://a.example/');
  expect(findJaegerUrl(undefined, ['http://b.example'], env)).toBe('http://b.example/');
  expect(findJaegerUrl(undefined, ['b.json'], env)).toBe('http://c.example/');
  expect(findJaegerUrl(undefined, ['b.json'], {})).toBeUndefined();
});

it('takes the address of any page of the UI from the option and from the variable', () => {
  const page = 'http://a.example/base/search?service=shop';
  expect(findJaegerUrl(page, [], {})).toBe('http://a.example/base');
  expect(findJaegerUrl(undefined, [], { HOTSPAN_JAEGER_URL: page })).toBe('http://a.example/base');
});
