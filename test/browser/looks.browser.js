/** How the page looks: on screens of all kinds, on paper, and to people who see or steer it otherwise. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findViolations, launchChromium, openPage } from './chromium.js';
import { madeTraces } from './made-traces.js';
import { writePage } from './pages.js';

const SCREENS = {
  'wide, light': { colorScheme: 'light' },
  'wide, dark': { colorScheme: 'dark' },
  'phone, light': { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'phone, dark': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
};

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
  opened = await openPage(browser, url, { reducedMotion: 'reduce', ...options });
  return opened.page;
}

for (const [screen, options] of Object.entries(SCREENS)) {
  describe(screen, () => {
    it('has nothing that axe-core objects to, with a row open', async () => {
      const page = await open(options);
      await page.locator('.ranking .row').first().click();
      expect(await findViolations(page)).toEqual([]);
    });

    it('has heads of tables above their columns', async () => {
      const page = await open(options);
      const apart = await page.evaluate(() => {
        // What is aligned right ends where its head ends. Shares stand beside their bars, below one head.
        const ends = (cells) =>
          [...cells].flatMap((cell) =>
            /^figure(?! share)/.test(cell.className) && cell.offsetWidth > 0
              ? [Math.round(cell.getBoundingClientRect().right)]
              : [],
          );
        return [...document.querySelectorAll('table')].flatMap((table) => {
          const [head, row] = [table.tHead.rows[0], table.tBodies[0].rows[0]].map((it) =>
            ends(it.cells),
          );
          const isSame = head.length === 0 || String(head) === String(row);
          return isSame ? [] : [`${table.className}: ${head} above ${row}`];
        });
      });
      expect(apart).toEqual([]);
    });

    it('is no wider than the screen', async () => {
      const page = await open(options);
      await page.locator('.ranking .row').first().click();
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      expect(scrollWidth).toBe(clientWidth);
    });
  });
}

describe('on paper', () => {
  it('is light, and nothing is cut off at the side', async () => {
    const page = await open({ colorScheme: 'dark' });
    // A4 without its margins, at 96 pixels an inch.
    await page.setViewportSize({ width: 703, height: 1032 });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe('rgb(255, 255, 255)');
    const cut = await page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      return [...document.querySelectorAll('main *, header *, footer *')].flatMap((element) => {
        const { right, width: own } = element.getBoundingClientRect();
        return own > 0 && right > width + 1 ? [`${element.tagName}.${element.className}`] : [];
      });
    });
    expect(cut).toEqual([]);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    const pages = pdf.match(/\/Type\s*\/Page\b/g).length;
    expect(pages).toBeLessThanOrEqual(4);
  });
});

describe('reduced motion', () => {
  for (const reducedMotion of ['reduce', 'no-preference']) {
    it(`${reducedMotion}: ${reducedMotion === 'reduce' ? 'no' : 'some'} frames between two zooms`, async () => {
      const page = await open({ reducedMotion });
      await page.locator('.flame').focus();
      await page.evaluate(() => {
        window.frames_ = 0;
        const ask = window.requestAnimationFrame.bind(window);
        window.requestAnimationFrame = (step) => ask((now) => ((window.frames_ += 1), step(now)));
      });
      for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
      await page.locator('#paths .readout').getByText('← All').waitFor();
      const behaviour = await page.evaluate(
        () => getComputedStyle(document.documentElement).scrollBehavior,
      );
      expect(behaviour).toBe(reducedMotion === 'reduce' ? 'auto' : 'smooth');
      if (reducedMotion === 'reduce') expect(await page.evaluate(() => window.frames_)).toBe(0);
      else await page.waitForFunction(() => window.frames_ > 2);
    });
  }
});

/** What a difference of lightness and hue comes to, in OKLab times 100; some 2 can just be seen beside each other. */
const LEAST_DIFFERENCE = 8;
const SEEN_AS = ['none', 'deuteranopia', 'protanopia', 'tritanopia', 'achromatopsia'];
/** Colours that mean different things and stand beside each other. */
const APART = [
  ...[
    ['wait', 'wait2'],
    ['wait', 'waste'],
    ['wait', 'off'],
    ['waste', 'off'],
  ],
  ...[
    ['money', 'bg'],
    ['wait', 'bg'],
    ['waste', 'bg'],
    ['off', 'bg'],
  ],
];

describe('colours', () => {
  for (const colorScheme of ['light', 'dark']) {
    it(`are told apart by people who see fewer of them, ${colorScheme}`, async () => {
      const page = await open({ colorScheme });
      const cdp = await opened.context.newCDPSession(page);
      const names = [...new Set(APART.flat())];
      await page.evaluate((tokens) => {
        document.body.replaceChildren(
          ...tokens.map((token) => {
            const patch = document.createElement('div');
            patch.style.background = `var(--${token})`;
            patch.style.height = '20px';
            return patch;
          }),
        );
        window.scrollTo(0, 0);
      }, names);
      const tooClose = [];
      for (const type of SEEN_AS) {
        await cdp.send('Emulation.setEmulatedVisionDeficiency', { type });
        const picture = await page.screenshot({
          clip: { x: 0, y: 0, width: 1, height: 20 * names.length },
        });
        const colors = await pixelsOf(
          picture,
          names.map((_, at) => 20 * at + 10),
        );
        for (const [one, other] of APART) {
          const far = difference(colors[names.indexOf(one)], colors[names.indexOf(other)]);
          if (far < LEAST_DIFFERENCE) tooClose.push(`${type}: ${one}, ${other}: ${far.toFixed(1)}`);
        }
      }
      expect(tooClose).toEqual([]);
    });
  }
});

/** The colours in the first column of a picture, at these lines. A page that no policy binds reads them. */
async function pixelsOf(picture, lines) {
  const page = await browser.newPage();
  const colors = await page.evaluate(
    async ([base64, at]) => {
      const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
      const bitmap = await createImageBitmap(blob);
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      canvas.drawImage(bitmap, 0, 0);
      return at.map((line) => [...canvas.getImageData(0, line, 1, 1).data.slice(0, 3)]);
    },
    [picture.toString('base64'), lines],
  );
  await page.close();
  return colors;
}

/** The distance in OKLab (Ottosson 2020), times 100. */
function difference(one, other) {
  const [a, b] = [one, other].map(okLab);
  return 100 * Math.hypot(...a.map((value, at) => value - b[at]));
}

function okLab(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
