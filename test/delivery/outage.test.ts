import { expect, it } from 'vitest';
import { startCountingReceiver } from '../support/counting-receiver.js';
import { Service } from '../support/service.js';

const MEGABYTE = 2 ** 20;
const CLIENTS = 4;
/** Between two requests of a client: the receiver is to keep up, on any machine. */
const PAUSE_MILLIS = 2;

it('a service under load answers every request while the receiver goes away and comes back, and loses no span', async () => {
  const before = await startCountingReceiver('healthy');
  const service = await Service.start(before.endpoint, { OTEL_BSP_SCHEDULE_DELAY: '200' });
  const loads = [await service.load(600, CLIENTS, PAUSE_MILLIS)];
  await before.close();
  loads.push(await service.load(600, CLIENTS, PAUSE_MILLIS));
  const away = await service.report();
  const after = await startCountingReceiver('healthy', Number(new URL(before.endpoint).port));
  loads.push(await service.load(600, CLIENTS, PAUSE_MILLIS));
  const { delivery } = await service.end();
  await after.close();

  expect(loads.map(({ failures }) => failures)).toEqual([0, 0, 0]);
  const requests = loads.reduce((sum, { latencies }) => sum + latencies.length, 0);
  expect(delivery.ended).toBe(8 * requests);
  expect(away.delivery.pending).toBeGreaterThan(0);
  // What was on its way when the receiver went may have come to both.
  const taken = new Set([...before.taken, ...after.taken]);
  expect({ ...delivery, taken: taken.size }).toMatchObject({
    ...{ delivered: delivery.ended, dropped: 0, pending: 0 },
    taken: delivery.ended,
  });
}, 60_000);

it('memory is bounded while the receiver stays away, and what is too much is counted', async () => {
  const gone = await startCountingReceiver('absent');
  const service = await Service.start(gone.endpoint, { OTEL_BSP_MAX_QUEUE_SIZE: '2000' });
  /** However long that takes on this machine. */
  const loadUntilDropped = async (spans: number) => {
    let report = await service.report();
    while (report.delivery.dropped < spans) {
      await service.load(200, CLIENTS);
      report = await service.report();
    }
    return report;
  };
  const early = await loadUntilDropped(1);
  // Some 1 KiB a span: 10,000 spans that stay would be 10 MB.
  const late = await loadUntilDropped(early.delivery.dropped + 10_000);
  expect(late.delivery.pending).toBe(2_000);
  expect((late.heapUsed - early.heapUsed) / MEGABYTE).toBeLessThan(4);
  const { delivery } = await service.end();
  expect(delivery.dropped).toBe(delivery.ended);
}, 60_000);
