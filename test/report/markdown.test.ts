import fc from 'fast-check';
import type { Summary } from 'hotspan/processor';
import { toMarkdown, type MarkdownOptions } from 'hotspan/report';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import { singleLine } from '../../src/format.js';
import { anySummary, summaryOf } from '../support/summary.js';

/** What GitHub makes of it. */
function html(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()] });
}

/** The text of every cell of the first table. */
function cellsOf(page: string): string[][] {
  const [table = ''] = /<table>.*?<\/table>/s.exec(page) ?? [];
  return [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell),
  );
}

function textOf(cell: string): string {
  return cell
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

const JAEGER = { jaegerUrl: 'http://localhost:16686' };

describe('the Markdown', () => {
  it('has the headline, the table, what to change and what was left out', () => {
    const summary: Summary = {
      ...summaryOf(
        { name: 'chat gpt-4o', service: 'agent', criticalSeconds: 1.5, costUsd: 0.03 },
        { name: 'search', service: 'agent', criticalSeconds: 0.5 },
      ),
      insights: Array.from({ length: 12 }, (_, index) => ({
        kind: 'repeated-calls',
        severity: 'high',
        segment: 'chat gpt-4o',
        service: 'agent',
        message: `${index} calls had the same *input*, says @octocat in #12`,
        evidence: {},
      })),
      warnings: ['an LLM response had no token_usage'],
    };
    expect(`\n${toMarkdown(summary, { top: 1, ...JAEGER })}\n`).toMatchInlineSnapshot(`
      "
      ### \`agent\` · 2 traces in 4.00 s · p50 1.00 s · p95 2.00 s · max 2.00 s

      | # | Segment | Share | Critical | Self | Calls | p50 | p95 | Cost | Slowest |
      | ---: | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | 1 | \`chat gpt-4o\` | 0.0 % | 1.50 s | 0 s | 1 | 0 s | 0 s | $0.030 | [1.00 s](http://localhost:16686/trace/abc?uiFind=1) |

      Ranked by critical time that can be saved; 1 more row

      - an LLM response had no token\\_usage

      #### Worth a look, the largest saving first

      - **high**: 0 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 1 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 2 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 3 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 4 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 5 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 6 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 7 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 8 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - **high**: 9 calls had the same \\*input\\*, says @⁠octocat in #⁠12
      - and 2 more
      "
    `);
  });

  it('says so when there is nothing yet', () => {
    expect(toMarkdown(summaryOf())).toContain('No trace has ended yet');
    expect(toMarkdown(summaryOf())).not.toContain('|');
  });

  it.each([
    [
      undefined,
      undefined,
      'toMarkdown: expected a summary, or a result of `diffSummaries`, `checkBudgets`, `runSteps` or `whatIf`, got undefined',
    ],
    [{}, { top: 0 }, 'toMarkdown: expected `top` to be a whole number of at least 1, got 0'],
    [{}, { color: true }, 'unknown option "color", expected one of: top, jaegerUrl'],
    [{}, { jaegerUrl: 'file:///tmp' }, 'such as http://localhost:16686, got a string'],
  ])('is told of wrong use: %j, %j', (summary, options, message) => {
    expect(() => toMarkdown(summary as unknown as Summary, options as MarkdownOptions)).toThrow(
      message,
    );
  });

  it('keeps its table whole whatever the names are, and shows them as they are', () => {
    fc.assert(
      fc.property(anySummary({ minRows: 1 }), (summary) => {
        const markdown = toMarkdown(summary, { top: 200, ...JAEGER });
        const [head, ...rows] = cellsOf(html(markdown));
        expect(rows.map((row) => row.length)).toEqual(rows.map(() => head!.length));
        // A bar that follows a backslash has no spelling that all readers agree on.
        const seen = rows.map((row) => textOf(row[1]!).replaceAll('⧵', '\\').trim());
        const several = summary.services.length > 1;
        expect(seen).toEqual(
          summary.bottlenecks.map(({ name, service }) => {
            const full = several && service !== '' ? `${name} (${service})` : name;
            return singleLine(full, 60).trim();
          }),
        );
      }),
    );
  });

  it('lets nothing from outside be read as HTML, a hidden link, a mention or further Markdown', () => {
    const nasty = fc.constantFrom(
      '<script>alert(1)</script>',
      '<!-- ',
      '</details>',
      '[a](http://evil.example)',
      '![a](http://evil.example/a.png)',
      '@octocat',
      '#1',
      'a\n\n# heading\n\n- item',
      '```\ncode',
      '`<b>`',
      '\\`<b>',
      '&lt;b&gt;',
      '$a$',
      '| a |\n| - |',
      '- item',
      '12. item',
      '---',
      '     code',
      '\u202Eevil',
    );
    fc.assert(
      fc.property(anySummary({ minRows: 1, text: nasty }), (summary) => {
        // An address that is shown as it is may be a link.
        const page = html(toMarkdown(summary)).replace(/<a href="([^"]*)">\1<\/a>/g, '$1');
        const tags = [...page.matchAll(/<\/?([a-z!]\w*)/g)].map(([, tag]) => tag);
        const ours = 'h3 h4 p code table thead tbody tr th td ul li strong'.split(' ');
        expect(tags.filter((tag) => !ours.includes(tag!))).toEqual([]);
        expect(page).not.toMatch(/<(p|li)>\s*<(ul|ol|li|hr|pre)/);
        expect(page.match(/<h[34]>/g)).toHaveLength((summary.insights ?? []).length > 0 ? 2 : 1);
        expect(page.replace(/<code>.*?<\/code>/gs, '')).not.toMatch(/[@#]\w/);
      }),
    );
  });
});
