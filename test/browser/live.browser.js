/** The page of `hotspan view`, while traces come. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium, openPage } from './chromium.js';
import { hostileTraces, madeTraces } from './made-traces.js';
import { sendTraces, startView } from './pages.js';

let browser, view, opened;
beforeAll(async () => {
  browser = await launchChromium();
});
beforeEach(async () => {
  view = await startView();
  opened = await openPage(browser, view.address, { live: true });
});
afterEach(async () => {
  await opened.context.close();
  await view.stop();
});
afterAll(() => browser.close());

const send = (traces) => sendTraces(view.address, traces);

describe('hotspan view', () => {
  it('shows first that nothing came, and then what did, without being asked', async () => {
    const { page, problems } = opened;
    expect(await page.locator('h1').innerText()).toContain('nothing to rank');
    expect(await page.getByRole('status').first().innerText()).toBe('live');
    await send(madeTraces(20));
    await page.locator('.ranking .row', { hasText: 'chat gpt-4o' }).first().waitFor();
    await page.locator('#trace-title', { hasText: 'answer question' }).waitFor();
    await page.getByText('20 requests', { exact: false }).first().waitFor();
    expect(problems).toEqual([]);
  });

  it('keeps what a reader has opened when more comes', async () => {
    const { page, problems } = opened;
    await send(madeTraces(12));
    const row = page.locator('.ranking .row', { hasText: 'read shard' });
    await row.click();
    await send(madeTraces(24));
    await page.getByText('24 requests', { exact: false }).first().waitFor();
    expect(await row.getByRole('button').getAttribute('aria-expanded')).toBe('true');
    expect(problems).toEqual([]);
  });

  it('shows what runs: traces whose root has not come', async () => {
    const { page, problems } = opened;
    const [trace] = madeTraces(1).split('\n');
    const rootsApart = (isRoot) => {
      const request = JSON.parse(trace);
      for (const { scopeSpans } of request.resourceSpans) {
        for (const scope of scopeSpans) {
          scope.spans = scope.spans.filter(
            ({ parentSpanId = '' }) => (parentSpanId === '') === isRoot,
          );
        }
      }
      return JSON.stringify(request);
    };
    await send(rootsApart(false));
    const line = page.locator('.live', {
      hasText: /running now: \d+ spans up to .+ in [\d.]+ m?s/,
    });
    await line.waitFor();
    await send(rootsApart(true));
    await page.locator('#trace-title', { hasText: 'answer question' }).waitFor();
    expect(await page.locator('.live', { hasText: 'running now' }).count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('shows hostile names as text', async () => {
    const { page, problems } = opened;
    await send(hostileTraces());
    await page.locator('.ranking .row', { hasText: '__proto__' }).first().waitFor();
    expect(await page.evaluate(() => window.hacked)).toBeUndefined();
    expect(problems).toEqual([]);
  });

  it('says when the server has ended', async () => {
    await view.stop();
    await opened.page
      .getByRole('status')
      .filter({ hasText: /ended|no connection/ })
      .waitFor();
  });
});
