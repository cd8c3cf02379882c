import { describe, expect, it } from 'vitest';
import { drawMarkdownTable, drawTable, widthOf, type Column } from '../../src/report/table.js';

const columns: Column<readonly string[]>[] = [
  { head: 'Name', align: 'left', maxWidth: 6, cell: ([name]) => name },
  { head: 'n', cell: ([, figure]) => figure },
  { head: 'never', cell: () => undefined },
];

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['日本', 4],
    ['ｱ', 1],
    ['Ａ', 2],
    ['한국', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['😀', 2],
    ['❤️', 2],
    ['👩‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['…→µ', 3],
  ])('is what a terminal takes for it: %j', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('a table', () => {
  it('aligns its columns by what a terminal shows, and cuts wide cells', () => {
    const rows = [
      ['日本', '1'],
      ['😀 a', '10'],
      ['a longer one', '5'],
      ['日本日本'],
      ['abcdef', '7'],
    ];
    expect(drawTable(columns, rows).split('\n')).toEqual([
      ' Name     n',
      ' 日本     1',
      ' 😀 a    10',
      ' a l…ne   5',
      ' 日…本    -',
      ' abcdef   7',
    ]);
  });

  it('is nothing but spaces around what is painted', () => {
    const painted = columns.map((column) => ({ ...column, paint: (text: string) => `<${text}>` }));
    expect(drawTable(painted, [['日本', '1'], ['b']])).toBe(
      [' Name  n', ' <日本>  <1>', ' <b>     -'].join('\n'),
    );
    const [head = ''] = drawTable(columns, [['a', '1']], { bold: true }).split('\n');
    expect(head).toBe(' \u001B[1mName\u001B[22m  \u001B[1mn\u001B[22m');
  });

  it('has no columns without a row, and no row without a column', () => {
    expect(drawTable(columns, [])).toBe('');
    expect(drawMarkdownTable(columns, [['a']])).toBe('| Name |\n| :--- |\n| a |');
  });
});
