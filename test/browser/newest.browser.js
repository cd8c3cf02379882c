/** The newest requests in the page of `hotspan view`. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, openPage } from './chromium.js';
import { hostileTraces, inPieces, largeTrace, madeTraces, manyTraces } from './made-traces.js';
import { sendTraces, startView } from './pages.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser, view, opened, page, list;
beforeAll(async () => {
  browser = await launchChromium();
});
beforeEach(async () => {
  view = await startView();
  await look();
});
afterEach(async () => {
  expect(opened.problems).toEqual([]);
  await opened.context.close();
  await view.stop();
});
afterAll(() => browser.close());

async function look(options = {}) {
  await opened?.context.close();
  opened = await openPage(browser, view.address, { live: true, ...options });
  page = opened.page;
  list = page.locator('#newest');
}

const send = (traces) => sendTraces(view.address, traces);
const rows = () => list.locator('.row');
const has = (text) => list.locator('.caption', { hasText: text }).first().waitFor();

describe('the newest requests', () => {
  it('are listed the newest first, as they come, with their figures', async () => {
    await send(madeTraces(4));
    await has('4 requests');
    const texts = await rows().allInnerTexts();
    expect(texts.map((text) => text.split(/\s+/).slice(1, 3).join(' '))).toEqual([
      ...['answer question', 'answer question', 'list answers', 'answer question'],
    ]);
    expect([...texts.map((text) => text.slice(0, 8))].sort().reverse()).toEqual(
      texts.map((text) => text.slice(0, 8)),
    );
    expect(texts[2]).toMatch(/\s21\s*$|\s21\s/);
    await send(madeTraces(24).split('\n').slice(4).join('\n'));
    await has('24 requests');
    expect(await rows().count()).toBe(10);
    await list.getByRole('button', { name: '14 more' }).click();
    expect(await rows().count()).toBe(24);
  });

  it('are filtered by words of their name, service and id', async () => {
    await send(madeTraces(24));
    await has('24 requests');
    const find = list.getByLabel('Find requests');
    await find.fill('LIST');
    expect(await rows().count()).toBe(6);
    await find.fill('answer 17');
    expect(await rows().count()).toBe(1);
    await find.fill('no such request');
    expect(await list.getByRole('status').innerText()).toContain('No request has that');
    await find.fill('');
    expect(await rows().count()).toBe(10);
  });

  it('are opened by a click, drawn, and closed by another', async () => {
    await send(madeTraces(6));
    await has('6 requests');
    const row = rows().nth(1);
    await row.click();
    const waterfall = list.locator('.waterfall');
    await waterfall.waitFor();
    expect(await waterfall.textContent()).toContain('search documents');
    expect(await list.locator('.opened').innerText()).toContain('was waited for');
    await row.click();
    expect(await waterfall.count()).toBe(0);
  });

  it('wait while one is open, so that it stays in its place', async () => {
    await send(madeTraces(6));
    await has('6 requests');
    const first = await rows().first().innerText();
    await rows().first().click();
    await list.locator('.waterfall').waitFor();
    await send(madeTraces(10).split('\n').slice(6).join('\n'));
    const newer = list.getByRole('button', { name: '4 newer' });
    await newer.waitFor();
    expect(await rows().first().innerText()).toBe(first);
    await newer.click();
    expect(await rows().count()).toBe(10);
    expect(await list.locator('.waterfall').count()).toBe(0);
  });

  it('are reached and opened by keys alone', async () => {
    await send(madeTraces(6));
    await has('6 requests');
    await list.getByLabel('Find requests').focus();
    for (const key of ['Tab', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter']) {
      await page.keyboard.press(key);
    }
    await list.locator('.waterfall').waitFor();
    const expanded = await list
      .locator('[aria-expanded]')
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-expanded')));
    expect(expanded.indexOf('true')).toBe(1);
    await page.keyboard.press('Tab');
    const role = () => page.evaluate(() => document.activeElement.getAttribute('role'));
    expect(await role()).toBe('application');
  });

  it('are text, whatever they are called', async () => {
    await send(hostileTraces());
    await has('7 requests');
    for (const row of await rows().all()) {
      await row.click();
      await list.locator('.waterfall').waitFor();
      await row.click();
    }
    expect(await page.evaluate(() => window.hacked)).toBeUndefined();
    expect(await page.locator('#page :is(img, script, iframe, object)').count()).toBe(0);
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect(scrollWidth).toBe(clientWidth);
  });

  it('may have 100,000 spans: the longest are drawn, and the page says so', async () => {
    await send(inPieces(largeTrace(100_000), 25_000));
    await has('1 request');
    expect(await rows().innerText()).toContain('100,000');
    await rows().click();
    await list.getByText('99,000 spans with the least time left out').waitFor();
    await list.locator('.waterfall').press('ArrowDown');
  });

  it('are at most 2,000, and all of them can be shown quickly', async () => {
    await send(manyTraces(2_050));
    await has('2,000 of 2,050 requests');
    const find = list.getByLabel('Find requests');
    for (const more of ['90 of', '400 of', '1,500 more']) {
      await list.getByRole('button', { name: more }).click();
    }
    expect(await rows().count()).toBe(2_000);
    const millis = await find.evaluate(async (input) => {
      const began = window.performance.now();
      for (const value of ['j', 'jo', 'job', '']) {
        input.value = value;
        input.dispatchEvent(new window.Event('input', { bubbles: true }));
        await new Promise((resolve) => window.requestAnimationFrame(resolve));
      }
      return (window.performance.now() - began) / 4;
    });
    expect(millis).toBeLessThan(1_000);
  });
});

describe('how the list looks', () => {
  for (const [screen, options] of Object.entries({
    wide: {},
    dark: { colorScheme: 'dark' },
    'a phone': { viewport: { width: 390, height: 844 } },
    'a phone in the dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  })) {
    it(`${screen}: fits, and has nothing that axe-core objects to`, async () => {
      await look({ ...options, reducedMotion: 'reduce' });
      await send(madeTraces(12));
      await has('12 requests');
      await rows().nth(3).click();
      await list.locator('.waterfall').waitFor();
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run());
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`)).toEqual([]);
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      expect(scrollWidth).toBe(clientWidth);
    });
  }
});

describe('what a reader has done', () => {
  it('stays while the page is updated: a zoomed flame graph', async () => {
    await send(madeTraces(8));
    const all = page.locator('#paths .readout').getByText('← All');
    await page.locator('.flame').press('ArrowDown');
    await page.locator('.flame').press('ArrowDown');
    await page.locator('.flame').press('Enter');
    await all.waitFor();
    const readout = () => page.locator('#paths .readout bdi').first().innerText();
    const zoomed = await readout();
    await send(madeTraces(24).split('\n').slice(8).join('\n'));
    await page.getByText('24 requests', { exact: false }).first().waitFor();
    expect([await all.count(), await readout()]).toEqual([1, zoomed]);
  });

  it('is undone by the second click on a row of a waterfall', async () => {
    await send(largeTrace(3_000));
    const waterfall = page.locator('#trace .waterfall');
    await waterfall.waitFor();
    const texts = () => waterfall.locator('text.code').allTextContents();
    const before = await texts();
    const label = waterfall.locator('text.code', { hasText: /more|\+\d/ }).first();
    await label.scrollIntoViewIfNeeded();
    const box = await label.boundingBox();
    const click = () => page.mouse.click(box.x + 5, box.y + box.height / 2);
    await click();
    await page.locator('#trace .readout').getByText('Close again').waitFor();
    expect(await texts()).not.toEqual(before);
    await click();
    await page.locator('#trace .readout').getByText('Close again').waitFor({ state: 'detached' });
    expect(await texts()).toEqual(before);
  });
});
