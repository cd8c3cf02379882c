import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser: what HOTSPAN_CHROMIUM names, or the first one on the PATH; undefined if there is none. */
export function findChromium() {
  const { HOTSPAN_CHROMIUM: named = '', PATH = '' } = process.env;
  const folders = PATH.split(delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return (named === '' ? places : [named]).find((place) => existsSync(place));
}

/** Starts the browser. Its sandbox does not start for root. */
export function launchChromium() {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: findChromium(), args });
}

/**
 * Opens a page, and collects what must not happen: errors, and requests for anything but the page itself.
 *
 * @param url a file or an address; what begins with it may be asked for
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const problems = [];
  await context.route('**', (route) => {
    const asked = route.request().url();
    if (asked.startsWith(url)) return route.continue();
    problems.push(`asked for ${asked}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('dialog', (dialog) => {
    problems.push(`opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url, { waitUntil: options.live ? 'commit' : 'load' });
  await page.locator('h1').waitFor();
  return { page, problems, context };
}

/** What axe-core objects to on a page, each in one line. */
export async function findViolations(page) {
  const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(readFileSync(file, 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Says by hand what is missing, and ends the run: thrown, it would come with the stack of the test runner. */
export default function setup() {
  const place = findChromium();
  const ran = spawnSync(place ?? '', ['--version']);
  if (ran.status === 0) return;
  console.error(
    `No Chromium${place === undefined ? '' : ` runs as ${place}`}. Install one, for example with ` +
      'test/browser/install.sh, or name one with HOTSPAN_CHROMIUM.',
  );
  process.exit(1);
}
