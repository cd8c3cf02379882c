/** A small HTTP service. Each request is a trace of 8 spans. It sends its port, and a report on request. */
import { createServer } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';

const tracing = startTracing({ serviceName: 'service', log: () => undefined });

async function answer() {
  await segment('check', () => turn());
  await Promise.all(
    ['a', 'b'].map((name) =>
      segment(`search ${name}`, async () => {
        await segment('connect', () => turn());
        await segment('read', () => turn());
      }),
    ),
  );
}

const server = createServer((request, response) => {
  void segment('request', answer).then(() => response.end('ok'));
}).listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', async (message) => {
  if (message === 'end') {
    await tracing.shutdown();
    server.close();
    server.closeAllConnections();
  }
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.send({ rss, heapUsed, delivery: tracing.delivery() });
  if (message === 'end') process.disconnect();
});
