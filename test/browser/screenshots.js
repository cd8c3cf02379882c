/** Makes the pictures in docs, of the page of the demo's agent: `npm run screenshots`. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath, URL } from 'node:url';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHtml } from '../../dist/doors/report.js';
import setup, { launchChromium, openPage } from './chromium.js';
import { makeFolder } from './pages.js';

const docs = (name) => fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url));
/** Down to the end of the flame graph. */
const WIDE = { width: 1248, height: 1180 };
const PICTURES = [
  { name: 'page-light', colorScheme: 'light', viewport: WIDE },
  { name: 'page-dark', colorScheme: 'dark', viewport: WIDE },
  { name: 'page-phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
];
/** Not all 60: the live page is taken while the agent works. */
const SOME_ENDED = /^[234]\d requests in/;

setup();
const agent = spawn('npx', [
  ...['tsx', '--tsconfig', 'examples/tsconfig.json', 'scripts/many-requests.ts'],
]);
const lineWith = async (stream, pattern) => {
  for await (const line of createInterface({ input: stream })) {
    const found = pattern.exec(line);
    if (found !== null) return found[0];
  }
  throw new Error(`the agent never printed ${pattern}`);
};

const browser = await launchChromium();
try {
  const address = await lineWith(agent.stderr, /http:\S+:\d+/);
  const { page } = await openPage(browser, address, { viewport: WIDE, live: true });
  await page.getByText(SOME_ENDED).first().waitFor({ timeout: 60_000 });
  await page.screenshot({ path: docs('page-live') });
  await lineWith(agent.stdout, /All questions/);
  const summary = await (await fetch(`${address}/summary.json`)).json();
  const file = join(makeFolder(), 'page.html');
  writeFileSync(file, toHtml(summary));
  for (const { name, ...options } of PICTURES) {
    const { page: shown, context } = await openPage(browser, `file://${file}`, options);
    await shown.screenshot({ path: docs(name) });
    await context.close();
  }
} finally {
  agent.stdin.end();
  await browser.close();
}
