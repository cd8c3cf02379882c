/** The page of a diff: what a reader does with it, and how it looks. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findViolations, launchChromium, openPage } from './chromium.js';
import { HOSTILE, hostileTraces, madeTraces } from './made-traces.js';
import { writeDiff } from './pages.js';

const JAEGER = ['--jaeger-url', 'http://jaeger.test'];
const PHONE = { viewport: { width: 390, height: 844 } };

let browser, url, opened;
beforeAll(async () => {
  browser = await launchChromium();
  // It searches twice as long, and no longer reranks; the second run is shorter.
  const after = madeTraces(240, { search: 1_400, rerank: 0 });
  url = await writeDiff('made', madeTraces(400), after, ...JAEGER);
});
afterEach(async () => {
  expect(opened.problems).toEqual([]);
  await opened.context.close();
});
afterAll(() => browser.close());

async function open(options, address = url) {
  opened = await openPage(browser, address, { reducedMotion: 'reduce', ...options });
  return opened.page;
}

/** The colour of the flame graph at a part of its width, in a row of boxes. */
const colorAt = (page, part, row) =>
  page.locator('.flame canvas').evaluate(
    (canvas, [x, y]) => {
      // A copy, since the browser warns of a canvas that is read again and again.
      const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      const scale = canvas.width / canvas.clientWidth;
      const [left, top] = [Math.round(canvas.width * x), Math.round((31 * y + 4) * scale)];
      copy.drawImage(canvas, left, top, 1, 1, 0, 0, 1, 1);
      return [...copy.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    },
    [part, row],
  );

describe('the flame graph', () => {
  it('is as wide as the side that took longer, and tells both of the box under the pointer', async () => {
    const page = await open();
    const pressed = page.locator('#paths [aria-pressed=true]');
    expect(await pressed.innerText()).toBe('After');
    const readout = page.locator('#paths .readout');
    expect(await readout.innerText()).toMatch(/^a request after 2\.7 s before, 3\.2 s after \(\+1/);
    const canvas = page.locator('.flame canvas');
    const { width } = await canvas.boundingBox();
    await canvas.hover({ position: { x: width * 0.6, y: 3 * 31 + 10 } });
    expect(await readout.innerText()).toMatch(
      /search documents › read shard 660 ms before, 1\.3 s after \(\+\d+\.\d %\) · 3 calls before, 3 after/,
    );
    await page.getByRole('button', { name: 'Before', exact: true }).click();
    expect(await page.locator('#paths .caption').innerText()).toMatch(/^As wide as before/);
  });

  for (const colorScheme of ['light', 'dark']) {
    it(`is orange where it takes longer, blue where less, and grey where it is the same, ${colorScheme}`, async () => {
      const page = await open({ colorScheme });
      const tokens = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return ['--waste', '--wait', '--track'].map((name) => style.getPropertyValue(name));
      });
      const [waste, wait, track] = tokens.map((hex) =>
        [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)),
      );
      expect(await colorAt(page, 0.6, 3)).toEqual(waste);
      expect(await colorAt(page, 0.2, 3)).toEqual(track);
      await page.getByRole('button', { name: 'Before', exact: true }).click();
      await page.getByLabel('Find call paths').fill('score');
      const score = await page.locator('#paths [role=status]').innerText();
      expect(score).toMatch(/^\d+ % matches$/);
      await page.getByLabel('Find call paths').fill('');
      const colors = [];
      for (let part = 0; part < 1; part += 0.01) colors.push(await colorAt(page, part, 3));
      const isBlue = ([red, , blue]) => blue > red + 20;
      expect(colors.some(isBlue)).toBe(true);
      expect(isBlue(wait)).toBe(true);
    });
  }

  it('zooms in by a click and by keys, and out by Escape', async () => {
    const page = await open();
    const all = page.locator('#paths .readout').getByText('← All');
    await page.locator('.flame').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await all.waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await all.waitFor({ state: 'detached' });
    const canvas = page.locator('.flame canvas');
    const { width } = await canvas.boundingBox();
    await canvas.click({ position: { x: width * 0.6, y: 3 * 31 + 10 } });
    await all.click();
    await all.waitFor({ state: 'detached' });
  });

  it('frames the boxes of a row whose name is clicked', async () => {
    const page = await open();
    const before = await colorAt(page, 0.2, 3);
    const name = page.locator('.rows').getByRole('button', { name: 'read shard' });
    await name.click();
    expect(await name.getAttribute('aria-pressed')).toBe('true');
    // The others are pale.
    expect(await colorAt(page, 0.2, 3)).not.toEqual(before);
    await name.click();
    expect(await colorAt(page, 0.2, 3)).toEqual(before);
  });
});

describe('the rows', () => {
  const slowest = (page, row) => page.locator('.rows tr', { hasText: row }).locator('.slowest');

  it('link to the slowest span of each side in Jaeger', async () => {
    const links = slowest(await open(), 'read shard').getByRole('link');
    const hrefs = await links.evaluateAll((all) => all.map(({ href }) => href));
    expect(hrefs).toHaveLength(2);
    for (const href of hrefs) {
      expect(href).toMatch(/^http:\/\/jaeger\.test\/trace\/[0-9a-f]{32}\?uiFind=[0-9a-f]{16}$/);
    }
    expect(new Set(hrefs).size).toBe(2);
    expect(await links.first().getAttribute('aria-label')).toMatch(
      /the slowest before, in Jaeger$/,
    );
  });

  it('tell its time alone where the address of Jaeger is not known', async () => {
    const address = await writeDiff('unlinked', madeTraces(8), madeTraces(12));
    const cell = slowest(await open({}, address), 'read shard');
    expect(await cell.innerText()).toMatch(/^\d.* → \d/);
    expect(await cell.getByRole('link').count()).toBe(0);
  });
});

describe('hostile names', () => {
  it('are text everywhere, and break nothing', async () => {
    const address = await writeDiff('hostile', hostileTraces(), hostileTraces(), ...JAEGER);
    const page = await open({}, address);
    for (const button of await page.locator('.rows th button').all()) await button.click();
    expect(await page.evaluate(() => window.hacked)).toBeUndefined();
    expect(await page.locator('#page :is(img, script, iframe, object)').count()).toBe(0);
    const text = await page.locator('#page').innerText();
    expect(text).toContain(HOSTILE[1]);
    expect(text).toContain('turned ‹202E›gnp.exe‹202C› ‹2066›around');
    expect(await widths(page)).toEqual([1280, 1280]);
  });
});

const widths = (page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });

for (const [screen, options] of Object.entries({
  'wide, light': { colorScheme: 'light' },
  'wide, dark': { colorScheme: 'dark' },
  'phone, light': { colorScheme: 'light', ...PHONE },
  'phone, dark': { colorScheme: 'dark', ...PHONE },
})) {
  it(`has nothing that axe-core objects to, and nothing cut off at the side: ${screen}`, async () => {
    const page = await open(options);
    expect(await findViolations(page)).toEqual([]);
    const [scrolled, wide] = await widths(page);
    expect(scrolled).toBe(wide);
  });
}
