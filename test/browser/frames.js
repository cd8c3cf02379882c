/**
 * Measures how smoothly a flame graph of 5,000 boxes zooms, in a Chromium without a graphics card:
 * `npm run build && npm ci --prefix test/browser && node test/browser/frames.js`
 */
import { launchChromium, openPage } from './chromium.js';
import { madeTraces } from './made-traces.js';
import { summaryOf, writePage } from './pages.js';

const BOXES = 5_000;
const ZOOMS = 20;

/** Eight boxes in each, as wide as each other. */
function callPaths() {
  return Array.from({ length: BOXES }, (_, at) => ({
    name: `step ${at}`,
    service: 'made-agent',
    ...(at === 0 ? {} : { parent: Math.floor((at - 1) / 8) }),
    ...{ calls: 1, criticalSeconds: 0.001 + (at % 7) / 1e4, selfSeconds: 0.002 },
  }));
}

const summary = await summaryOf(madeTraces(8));
summary.pictures.callPaths = callPaths();
const url = await writePage('frames', JSON.stringify(summary));
const browser = await launchChromium();
const { page } = await openPage(browser, url);
await page.locator('.flame').scrollIntoViewIfNeeded();
const frames = await page.evaluate(async (zooms) => {
  const flame = document.querySelector('.flame');
  const press = (key) =>
    flame.dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true }));
  const times = [];
  const work = [];
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (step) =>
    ask((now) => {
      const start = window.performance.now();
      step(now);
      work.push(window.performance.now() - start);
    });
  const frame = () => new Promise((resolve) => ask(resolve));
  flame.focus();
  for (let zoom = 0; zoom < zooms; zoom += 1) {
    press(zoom % 2 === 0 ? 'ArrowDown' : 'Escape');
    await frame();
    if (zoom % 2 === 0) press('Enter');
    const until = window.performance.now() + 180;
    let last = await frame();
    while (window.performance.now() < until) {
      const now = await frame();
      times.push(now - last);
      last = now;
    }
  }
  return { times, work };
}, ZOOMS);
await browser.close();

const sorted = (values) => values.toSorted((a, b) => a - b);
const at = (values, part) => sorted(values)[Math.floor((values.length - 1) * part)];
const perSecond = (1_000 * frames.times.length) / frames.times.reduce((sum, time) => sum + time, 0);
console.log(
  `${BOXES} boxes, ${ZOOMS} zooms: ${perSecond.toFixed(0)} frames a second; ` +
    `a frame is drawn in ${at(frames.work, 0.5).toFixed(1)} ms, 19 of 20 in ${at(frames.work, 0.95).toFixed(1)} ms ` +
    `(${frames.work.length} frames)`,
);
