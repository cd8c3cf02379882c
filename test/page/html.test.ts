import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { diffSummaries } from '../../src/summaries/diff.js';
import { summaryOf } from '../support/summary.js';
import { summaryHtml, toHtml } from '../../src/report/html.js';
import { Ranking } from '../../src/ranking/ranking.js';
import type { PageData } from '../../src/page-data.js';
import type { Insight, Summary } from '../../src/summary.js';

const EMPTY = new Ranking().toSummary({ nowEpochMillis: 0 });

function dataIn(html: string): PageData {
  const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)!;
  return JSON.parse(json) as PageData;
}

/** The script and the style, as a browser takes them out of the document. */
function codeIn(html: string): string[] {
  return [/<style>(.*?)<\/style>/s, /<script>(.*?)<\/script>/s].map((part) => part.exec(html)![1]!);
}

describe('toHtml', () => {
  it('allows its own script and style, and nothing else', () => {
    const html = toHtml(EMPTY);
    const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(html)!;
    const hashes = codeIn(html).map(
      (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
    );
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hashes[1]}`,
      `style-src ${hashes[0]}`,
      'img-src data:',
      "connect-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it('has at most 40 kB of script and style, packed', () => {
    const live = summaryHtml(EMPTY, { live: true });
    const pages = [toHtml(EMPTY), toHtml(diffSummaries(EMPTY, EMPTY)), live];
    const bytes = pages.map((html) => {
      const parts = [...html.matchAll(/<(style|script)>(.*?)<\/\1>/gs)].map(([, , text]) => text!);
      return parts.reduce((sum, text) => sum + gzipSync(text).length, 0);
    });
    const [summary, diff, ofLive] = bytes as [number, number, number];
    expect(Math.max(summary, diff)).toBeLessThan(40_000);
    // The live page comes from this machine each time, and lists requests as well.
    expect(ofLive).toBeLessThan(45_000);
  });

  it('holds hostile names as data, and brings them back as they were', () => {
    const name = `</script><img src=x onerror=alert(1)><!--\u2028\u202e__proto__`;
    const summary: Summary = { ...EMPTY, services: [name], warnings: [name] };
    const html = toHtml(summary);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/[\u2028\u202e]/);
    expect(dataIn(html).summary).toMatchObject({ services: [name], warnings: [name] });
  });

  it('keeps fields with names of objects', () => {
    const evidence = JSON.parse('{"__proto__": 1, "constructor": "a"}') as Record<string, number>;
    const insight: Insight = {
      kind: 'dominant',
      severity: 'low',
      segment: 'a',
      service: '',
      message: 'm',
      evidence,
    };
    const { insights } = dataIn(toHtml({ ...EMPTY, insights: [insight] })).summary;
    expect(Object.entries(insights![0]!.evidence)).toEqual(Object.entries(evidence));
  });

  it('tells the address of Jaeger without its credentials', () => {
    const html = toHtml(EMPTY, { jaegerUrl: 'http://me:secret@jaeger.test/ui/?x=1' });
    expect(dataIn(html).about.jaegerUrl).toBe('http://jaeger.test/ui');
    expect(html).not.toContain('secret');
  });

  it('cuts names that are whole documents, and drops what only merging reads', () => {
    const name = 'x'.repeat(100_000);
    const html = toHtml({ ...summaryOf({ name }), services: [name] });
    expect(html.length).toBeLessThan(200_000);
    expect(html).not.toContain('"durations"');
  });

  it('holds a thousand rows, as many as a summary has, in less than 1 MB', () => {
    const [row] = summaryOf({ name: 'a' }).bottlenecks;
    const bottlenecks = Array.from({ length: 1000 }, (_, at) => ({ ...row!, name: `row ${at}` }));
    expect(toHtml({ ...EMPTY, bottlenecks }).length).toBeLessThan(1_000_000);
  });

  it('shows a diff, and its conclusion without scripts', () => {
    const before = summaryOf({ name: '<b>' });
    const html = toHtml(diffSummaries(before, before));
    expect(html).toContain('"conclusion":');
    expect(html).toContain('<title>before and after</title>');
    expect(html).not.toContain('<b>');
  });

  it('refuses what is no summary, and wrong options, in one line', () => {
    expect(() => toHtml({} as Summary)).toThrow(/toHtml: .*expected/);
    expect(() => toHtml(EMPTY, { jaegerUrl: 'javascript:alert(1)' })).toThrow(
      /toHtml: expected `jaegerUrl` to be an address such as/,
    );
  });
});
