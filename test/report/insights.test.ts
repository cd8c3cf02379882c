import type { Insight, Summary } from 'hotspan/processor';
import { BottleneckSpanProcessor } from 'hotspan/processor';
import { toMarkdown, toText } from 'hotspan/report';
import { expect, it } from 'vitest';

const empty = new BottleneckSpanProcessor().summary();

const saying = (...messages: string[]): Summary => ({
  ...empty,
  insights: messages.map((message): Insight => ({
    kind: 'dominant',
    severity: 'low',
    segment: 'write',
    service: 'test',
    message,
    evidence: {},
  })),
});

it('lists what is worth a look below the rest', () => {
  expect(toText(saying('one', 'another')).split('\n').slice(-4)).toEqual([
    '',
    '  worth a look, the largest saving first:',
    '  ▸ one',
    '  ▸ another',
  ]);
});

it('says how many more there are', () => {
  const text = toText(saying('1', '2', '3', '4', '5', '6', '7'));
  expect(text.split('\n').slice(-2)).toEqual(['  ▸ 5', '    and 2 more']);
});

it('prints no line when there is nothing to say, nor for a summary without insights', () => {
  const { insights, ...older } = empty;
  expect(insights).toEqual([]);
  expect(toText(empty)).not.toContain('worth a look');
  expect(toText(older)).toBe(toText(empty));
});

it('lets no name command the terminal', () => {
  expect(toText(saying('\u001b[31mred\nline'))).toContain('  ▸  [31mred line');
});

it('names the service where there are several', () => {
  const summary = { ...saying('one'), services: ['shop', 'test'] };
  expect(toText(summary)).toContain('  ▸ test: one');
  expect(toMarkdown(summary)).toContain('- **low**: `test`: one');
});

it('shows names as code in Markdown', () => {
  const markdown = toMarkdown(saying('5 calls of `get_user *` and `a`b` took *long*'));
  expect(markdown).toContain('5 calls of `get_user *` and `a`b\\` took \\*long\\*');
});

it('says of how many processes the words of one are', () => {
  const insights = (saying('5 calls took 1.00 s').insights ?? []).flatMap((insight) => [
    { ...insight, evidence: { processes: 2 }, savingSeconds: 1.5, savingUsd: 0.5 },
    { ...insight, evidence: { processes: 3 } },
    { ...insight, evidence: { processes: '3' } },
  ]);
  const summary = { ...empty, insights };
  expect(toText(summary).split('\n').slice(-3)).toEqual([
    '  ▸ 5 calls took 1.00 s (in one of 2 processes that saw it; all together 1.50 s and $0.50)',
    '  ▸ 5 calls took 1.00 s (in one of 3 processes that saw it)',
    '  ▸ 5 calls took 1.00 s',
  ]);
  expect(toMarkdown(summary)).toContain('all together 1.50 s and \\$0.50)');
});
