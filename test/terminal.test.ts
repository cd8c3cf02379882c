import { expect, it } from 'vitest';
import { lookOf } from '../src/terminal.js';

const terminal = { isTTY: true, columns: 80 };
const pipe = {};

it.each([
  [terminal, { LANG: 'en_US.UTF-8', FORCE_COLOR: '1' }, { color: true, width: 80, ascii: false }],
  [pipe, { LANG: 'en_US.utf8' }, { color: false, ascii: false }],
  [pipe, { FORCE_COLOR: '1' }, { color: true, ascii: false }],
  [terminal, { FORCE_COLOR: '0' }, { color: false, width: 80, ascii: false }],
  [terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, { color: false, width: 80, ascii: false }],
  [pipe, { LANG: 'en_US.UTF-8', LC_ALL: 'C' }, { color: false, ascii: true }],
  [pipe, { LC_ALL: '', LC_CTYPE: 'de_DE.ISO-8859-1' }, { color: false, ascii: true }],
  [{ isTTY: true, columns: 0 }, { NO_COLOR: '1' }, { color: false, ascii: false }],
])('a stream shows what it can: %j, %j', (stream, env, look) => {
  expect(lookOf(stream, env)).toEqual(look);
});
