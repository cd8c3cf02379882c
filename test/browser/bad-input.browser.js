/** Pages of hostile, of empty and of large sources. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Buffer } from 'node:buffer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, openPage } from './chromium.js';
import { HOSTILE, hostileTraces, largeTrace, madeTraces, manyRows } from './made-traces.js';
import { startView, summaryOf, writePage } from './pages.js';

let browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** Opens a page, has something looked at, and expects that nothing went wrong. */
async function look(url, what) {
  const { page, problems, context } = await openPage(browser, url);
  await what(page);
  expect(await page.evaluate(() => window.hacked)).toBeUndefined();
  expect(problems).toEqual([]);
  await context.close();
}

describe('hostile names', () => {
  it('are text everywhere, whatever is opened', async () => {
    await look(
      await writePage('hostile', hostileTraces(), '--by', 'gen_ai.request.model'),
      async (page) => {
        for (const more of await page.locator('.more').all()) await more.click();
        for (const row of await page.locator('.ranking .row').all()) await row.click();
        const elements = await page.locator('#page :is(img, script, iframe, object)').count();
        expect(elements).toBe(0);
        const text = await page.locator('#page').innerText();
        expect(text).toContain(HOSTILE[1]);
        expect(text).toContain('turned ‹202E›gnp.exe‹202C› ‹2066›around');
        const raw = ['\u2028', '\u202e', '\u0000', '\u001b'];
        expect(raw.filter((character) => text.includes(character))).toEqual([]);
        const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
        expect(scrollWidth).toBe(clientWidth);
      },
    );
  });

  it('would not be executed nor loaded even as HTML: the policy of the page forbids it', async () => {
    const url = await writePage('made', madeTraces(8));
    const { page, problems, context } = await openPage(browser, url);
    const forbidden = await page.evaluate(async () => {
      const found = new Set();
      document.addEventListener('securitypolicyviolation', (event) =>
        found.add(event.effectiveDirective),
      );
      const parts = [
        '<img src="https://example.test/a.png" onerror="window.hacked = true">',
        '<p style="color: red">styled</p>',
      ];
      document.body.insertAdjacentHTML('beforeend', parts.join(''));
      const script = document.createElement('script');
      script.textContent = 'window.hacked = true';
      document.body.append(script);
      await fetch('https://example.test/data').catch(() => undefined);
      await new Promise((resolve) => window.setTimeout(resolve));
      return [...found].sort();
    });
    expect(forbidden).toEqual([
      ...['connect-src', 'img-src', 'script-src-attr', 'script-src-elem', 'style-src-attr'],
    ]);
    expect(await page.evaluate(() => window.hacked)).toBeUndefined();
    expect(problems.filter((problem) => problem.startsWith('asked for'))).toEqual([]);
    await context.close();
  });
});

/** The summary of traces, as `report --json` saves it, changed and drawn. */
async function pageOfSummary(name, change) {
  return writePage(name, JSON.stringify(change(await summaryOf(madeTraces(40)))));
}

describe('sources that have little', () => {
  it('nothing at all: says so', async () => {
    const { address, stop } = await startView();
    const empty = await (await fetch(`${address}/summary.json`)).text();
    await stop();
    await look(await writePage('empty', empty), async (page) => {
      expect(await page.locator('h1').innerText()).toContain('there is nothing to rank');
    });
  });

  it('a summary of an older version, without pictures: a ranking without them', async () => {
    const url = await pageOfSummary('older', (summary) => {
      return { ...summary, pictures: undefined };
    });
    await look(url, async (page) => {
      expect(await page.locator('.ranking .row').count()).toBe(8);
      expect(await page.locator('#paths, #trace, .what-if').count()).toBe(0);
      expect(await page.locator('#notes').innerText()).toContain('call paths, traces');
    });
  });
});

describe('sources that have much', () => {
  it('10,000 rows: sorted, filtered and shown in steps', async () => {
    const url = await pageOfSummary('rows', (summary) => ({
      ...summary,
      bottlenecks: Array.from({ length: 10_000 }, (_, at) => {
        const row = summary.bottlenecks[at % summary.bottlenecks.length];
        return { ...row, rank: at + 1, name: `${row.name} ${at}`, calls: at };
      }),
    }));
    await look(url, async (page) => {
      await page.getByRole('columnheader', { name: 'calls' }).first().getByRole('button').click();
      const first = page.locator('.ranking .row').first();
      expect(await first.innerText()).toContain('9,999');
      await page.getByLabel('Find rows').fill('shard 12');
      expect(await page.locator('.ranking .row').count()).toBeGreaterThan(2);
      await page.getByLabel('Find rows').fill('');
      for (let step = 0; step < 3; step += 1) await page.locator('.more').click();
      expect(await page.locator('.ranking .row').count()).toBeGreaterThan(500);
    });
  });

  it('a trace of 100,000 spans: drawn, moved in and zoomed', async () => {
    await look(await writePage('large', largeTrace(100_000)), async (page) => {
      expect(await page.locator('#notes').innerText()).toMatch(/span/);
      await page.locator('.waterfall').focus();
      for (const key of ['ArrowDown', 'End', '+', '+', 'ArrowRight', 'Escape']) {
        await page.keyboard.press(key);
      }
      await page.locator('.flame').press('ArrowDown');
      await page.locator('.flame').press('Enter');
      await page.locator('#paths .readout').getByText('← All').waitFor();
    });
  });

  it('thousands of call paths and rows: at most 2 MB, of which the code is 40 kB', async () => {
    const url = await writePage('many', manyRows(10_000));
    const html = readFileSync(fileURLToPath(url), 'utf8');
    expect(Buffer.byteLength(html)).toBeLessThan(2e6);
    const [style, script] = [/<style>(.*?)<\/style>/s, /<script>(.*?)<\/script>/s].map(
      (part) => gzipSync(part.exec(html)[1]).length,
    );
    expect(style + script).toBeLessThan(40_000);
    await look(url, async (page) => {
      await page.getByLabel('Find call paths').fill('row');
      await page.locator('#paths').getByRole('status').waitFor();
    });
  });
});
