import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProgram } from '../support/program.js';

let server: Server;
let asked = 0;
/** Never answers `/silent`. */
beforeAll(async () => {
  server = createServer(({ url }, response) => {
    asked += 1;
    const model = { id: 'gpt-4o', match: { equals: 'gpt-4o' }, prices: { input_mtok: 1 } };
    if (url === '/prices') response.end(JSON.stringify([{ id: 'openai', models: [model] }]));
    if (url === '/gone') response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Starts, does `work`, and prints how long it took from then to the end, in milliseconds. */
function ended(path: string, work: string): Promise<{ stdout: string; stderr: string }> {
  const { port } = server.address() as AddressInfo;
  const code = `
    import { priceTable } from 'hotspan/processor';
    import { startTracing } from 'hotspan/node';
    startTracing();
    ${work}
    const end = performance.now();
    process.on('exit', () => console.log(Math.round(performance.now() - end)));
  `;
  const env = { HOTSPAN_PRICES: `http://127.0.0.1:${port}${path}`, OTEL_TRACES_EXPORTER: 'none' };
  return runProgram(code, { env }, (printed) => printed);
}

const someTime = 'await new Promise((resolve) => setTimeout(resolve, 300));';

it('does not hold up the end of a process when it is never answered', async () => {
  const before = asked;
  const { stdout, stderr } = await ended('/silent', someTime);
  expect(asked).toBe(before + 1);
  expect(stderr).toBe('');
  // It is given up after 2,000.
  expect(Number(stdout)).toBeLessThan(1_000);
});

it('is used as soon as it is answered', async () => {
  const { stdout } = await ended(
    '/prices',
    `${someTime} console.log((await priceTable()).source);`,
  );
  expect(stdout).toMatch(/^refreshed\n/);
});

it('costs a line when it is answered by an error', async () => {
  const { stderr } = await ended('/gone', someTime);
  expect(stderr).toMatch(
    /^hotspan: HOTSPAN_PRICES: .*: status 404; the bundled prices are used\.\n$/,
  );
});
