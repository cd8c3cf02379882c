import { expect, it } from 'vitest';
import { sourceFile } from '../../src/cpu-profile/source-file.js';

it.each([
  ['file:///home/me/app/src/load.js', 'src/load.js'],
  ['/home/me/app/src/load.js', 'src/load.js'],
  ['file:///home/me/app/src/a%20b.js?v=1', 'src/a b.js'],
  ['file:///home/me/app/src/100%.js', 'src/100%.js'],
  ['file:///home/me/app/node_modules/a/node_modules/@b/c/x.js', 'node_modules/@b/c/x.js'],
  ['file:///home/me/application/x.js', 'x.js'],
  ['/home/you/secret/x.js', 'x.js'],
  ['node:internal/timers', 'node:internal/timers'],
  ['data:text/javascript,let key = 1', 'data:'],
  ['https://me:secret@host/x.js', 'https:'],
  ['evalmachine.<anonymous>', 'evalmachine.<anonymous>'],
  ['', undefined],
])('%s is shown as %s', (url, shown) => {
  expect(sourceFile(url, '/home/me/app')).toBe(shown);
});

it('knows the paths of Windows', () => {
  expect(sourceFile('file:///C:/Users/me/app/src/x.js', 'C:\\Users\\me\\app')).toBe('src/x.js');
  expect(sourceFile('C:\\Users\\me\\app\\src\\x.js', 'C:\\Users\\me\\app\\')).toBe('src/x.js');
  expect(sourceFile('C:\\Users\\you\\x.js', 'C:\\Users\\me\\app')).toBe('x.js');
});

it('does not take the root directory for something to be left out', () => {
  expect(sourceFile('file:///app/x.js', '/')).toBe('app/x.js');
});
