/** What a reader does with the page of a file. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, openPage } from './chromium.js';
import { madeTraces } from './made-traces.js';
import { writePage } from './pages.js';

let browser, url, opened;
beforeAll(async () => {
  browser = await launchChromium();
  url = await writePage('made', madeTraces(80));
});
afterEach(async () => {
  expect(opened.problems).toEqual([]);
  await opened.context.close();
});
afterAll(() => browser.close());

async function open(options) {
  opened = await openPage(browser, url, options);
  return opened.page;
}

const textsOf = (locator) => locator.allInnerTexts();
const numbersOf = async (locator) => (await textsOf(locator)).map((text) => Number(text || 0));

describe('the ranking', () => {
  it('is sorted by a click on a head, and the other way by the next', async () => {
    const page = await open();
    const head = page.getByRole('columnheader', { name: 'calls' }).first();
    const figures = page.locator('.ranking td.calls');
    for (const order of ['descending', 'ascending']) {
      await head.getByRole('button').click();
      expect(await head.getAttribute('aria-sort')).toBe(order);
      const found = await numbersOf(figures);
      const sorted = found.toSorted((a, b) => (order === 'ascending' ? a - b : b - a));
      expect(found).toEqual(sorted);
      expect(new Set(found).size).toBeGreaterThan(2);
    }
  });

  it('shows the rows that have a text in their name, and says when there are none', async () => {
    const page = await open();
    const rows = page.locator('.ranking .row');
    const filter = page.getByLabel('Find rows');
    await filter.fill('ANSWER');
    const names = await textsOf(page.locator('.ranking tbody th'));
    expect(names.toSorted()).toEqual([
      ...['SELECT answer', 'answer question', 'list answers', 'write answer'],
    ]);
    await filter.fill('no such row');
    await page.getByText('No row has that in its name').waitFor();
    expect(await rows.count()).toBe(0);
  });

  it('opens a row by a click or by Enter, and closes it again', async () => {
    const page = await open();
    await page.getByLabel('Find rows').fill('write answer');
    const row = page.locator('.ranking .row');
    const button = row.getByRole('button');
    const ways = [() => row.locator('td.share').click(), () => button.press('Enter')];
    for (const way of ways) {
      await way();
      expect(await button.getAttribute('aria-expanded')).toBe('true');
      expect(await page.locator('.opened').innerText()).toContain('attempts');
      await way();
      expect(await page.locator('.opened').count()).toBe(0);
    }
  });

  it('shows further rows when asked', async () => {
    const page = await open();
    const rows = page.locator('.ranking .row');
    const before = await rows.count();
    await page.locator('.more').click();
    expect(await rows.count()).toBeGreaterThan(before);
  });
});

describe('what if', () => {
  it('tells another saving for every step of the slider by keyboard', async () => {
    const page = await open();
    const slider = page.getByRole('slider');
    const saving = page.locator('.what-if [aria-live] b');
    const at = async (key) => {
      await slider.press(key);
      const text = await saving.innerText();
      return Number(/([\d.]+)/.exec(text)[1]) * (text.includes('min') ? 60 : 1);
    };
    const savings = [await at('End'), await at('ArrowLeft'), await at('ArrowLeft')];
    expect(savings[0]).toBe(0);
    expect(savings.toSorted((a, b) => a - b)).toEqual(savings);
    expect(new Set(savings).size).toBe(3);
    expect(await slider.getAttribute('aria-valuetext')).toContain('90 %');
  });

  it('tries the row that was chosen in the ranking', async () => {
    const page = await open();
    await page.locator('.ranking .row', { hasText: 'read shard' }).click();
    await page.locator('.opened').getByRole('button', { name: /try/i }).click();
    expect(await page.locator('.what-if select').inputValue()).toMatch(/read shard$/);
  });
});

describe('an entry point', () => {
  const only = (page) => page.locator('.only').getByRole('status');

  it('narrows the page by a click or by Enter, until all are asked for again', async () => {
    const page = await open();
    const shares = () => textsOf(page.locator('.ranking tbody th'));
    const all = await shares();
    const plots = page.locator('.what-if .entry');
    expect(await plots.count()).toBe(2);
    const name = page.locator('.what-if .entry-name', { hasText: 'list answers' });
    const inTable = page.locator('.groups .entry-name', { hasText: 'list answers' });
    const ways = [() => name.click(), () => inTable.press('Enter')];
    for (const narrow of ways) {
      await narrow();
      expect(await only(page).innerText()).toMatch(/^Only list answers /);
      expect(await plots.count()).toBe(1);
      expect(await shares()).toEqual(['SELECT answer', 'list answers']);
      expect(await page.locator('#trace-title').innerText()).toContain('list answers');
      expect(await page.locator('#paths .readout').innerText()).toMatch(/^all waiting 7.7 s/);
      expect(await inTable.getAttribute('aria-pressed')).toBe('true');
      await page.getByRole('button', { name: 'All entry points' }).press('Enter');
      expect(await only(page).innerText()).toBe('');
      expect(await shares()).toEqual(all);
      expect(await page.evaluate(() => document.activeElement.tagName)).toBe('MAIN');
    }
  });

  it('is left when a trace of another one is asked for', async () => {
    const page = await open();
    await page.locator('.what-if .entry-name', { hasText: 'answer question' }).click();
    const insight = page.locator('.to-do li', { hasText: 'SELECT answer' });
    await insight.getByRole('button', { name: /^Show/ }).click();
    expect(await page.locator('#trace-title').innerText()).toContain('list answers');
    expect(await only(page).innerText()).toBe('');
  });
});

describe('the dots', () => {
  const readout = (page) => page.locator('.what-if .readout');

  it('open their trace by a click, and say their figures where the page does not hold it', async () => {
    const page = await open();
    const plot = page.locator('.dots.open').first();
    await plot.locator('[data-at="0"]').hover();
    expect(await readout(page).innerText()).toMatch(/^answer question [\d.]+ s .*UTC/);
    const last = plot.locator('[data-at="59"]');
    await last.click();
    expect(await readout(page).innerText()).toMatch(/^answer question 8.5 s → /);
    expect(await page.locator('#trace-title').innerText()).toBe(
      'The slowest answer question, 8.5 s',
    );
  });

  it('are one stop for Tab, and are walked over by arrow keys', async () => {
    const page = await open();
    await page.locator('.what-if .entry-name').first().focus();
    await page.keyboard.press('Tab');
    const first = await readout(page).innerText();
    await page.keyboard.press('ArrowRight');
    expect(await readout(page).innerText()).not.toBe(first);
    await page.keyboard.press('End');
    await readout(page).getByRole('button', { name: 'Open it' }).waitFor();
    await page.getByRole('button', { name: /^Typical/ }).click();
    await page.locator('.dots.open').first().press('Enter');
    expect(await page.locator('#trace-title').innerText()).toMatch(/^The slowest answer question/);
  });

  it('lead to Jaeger where its address is known', async () => {
    const address = await writePage(
      'made-jaeger',
      madeTraces(80),
      '--jaeger-url',
      'http://127.0.0.1:1',
    );
    opened = await openPage(browser, address);
    const { page } = opened;
    await page.locator('.dots.open [data-at="0"]').first().hover();
    const href = await readout(page).getByRole('link').getAttribute('href');
    expect(href).toMatch(/^http:\/\/127.0.0.1:1\/trace\/[0-9a-f]{32}$/);
  });
});

describe('the flame graph', () => {
  const boxOf = (page) => page.locator('.flame');
  const readout = (page) => page.locator('#paths .readout');

  it('zooms by a click, and back by Escape', async () => {
    const page = await open();
    const { width } = await boxOf(page).boundingBox();
    await page.locator('.flame canvas').click({ position: { x: width / 4, y: 31 * 2 + 15 } });
    await readout(page).getByText('← All').waitFor();
    expect(await readout(page).innerText()).toContain('answer question › write answer');
    for (let up = 0; up < 2; up += 1) await boxOf(page).press('Escape');
    expect(await readout(page).getByText('← All').count()).toBe(0);
  });

  it('zooms by keyboard', async () => {
    const page = await open();
    await boxOf(page).focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await readout(page).getByText('← All').click();
    expect(await readout(page).getByText('← All').count()).toBe(0);
  });

  it('tells what share matches a search', async () => {
    const page = await open();
    const search = page.getByLabel('Find call paths');
    const status = readout(page).getByRole('status');
    await search.fill('shard');
    expect(await status.innerText()).toMatch(/^2\d(\.\d)? % matches/);
    await search.fill('no such box');
    expect(await status.innerText()).toBe('Nothing matches');
  });

  it('is drawn by other measures', async () => {
    const page = await open();
    const picture = () => page.locator('.flame canvas').evaluate((canvas) => canvas.toDataURL());
    const pictures = new Set([await picture()]);
    const buttons = page.getByRole('group', { name: 'Width of the boxes' }).getByRole('button');
    for (const button of await buttons.all()) {
      await button.click();
      expect(await button.getAttribute('aria-pressed')).toBe('true');
      pictures.add(await picture());
    }
    expect(pictures.size).toBe(4);
  });
});

describe('the traces', () => {
  const title = (page) => page.locator('#trace-title');

  it('shows another trace, and those of another entry point', async () => {
    const page = await open();
    expect(await title(page).innerText()).toMatch(/^The slowest answer question/);
    await page.getByRole('button', { name: /^Typical/ }).click();
    expect(await title(page).innerText()).toMatch(/^A typical answer question/);
    await page.getByLabel('Entry point').selectOption({ label: 'list answers' });
    expect(await title(page).innerText()).toMatch(/^The slowest list answers/);
  });

  it('moves and zooms by keyboard', async () => {
    const page = await open();
    const waterfall = page.locator('.waterfall');
    const readout = page.locator('#trace .readout');
    await waterfall.focus();
    await page.keyboard.press('ArrowDown');
    expect(await readout.innerText()).toMatch(/^chat gpt-4o-mini/);
    await page.keyboard.press('+');
    expect(await readout.getByRole('button').count()).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    expect(await readout.getByRole('button').count()).toBe(0);
  });

  it('shows the one that an insight is about', async () => {
    const page = await open();
    const insight = page.locator('.to-do li', { hasText: 'SELECT answer' });
    await insight.getByRole('button', { name: /^Show/ }).click();
    expect(await title(page).innerText()).toContain('list answers');
    expect(await page.locator('#trace').innerText()).toContain('SELECT answer ×20');
  });
});
