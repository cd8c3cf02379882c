/**
 * Measures what an outage of the receiver does to the latency of a service under load. The service is one
 * process. The receiver is in each state in turn, in alternating order.
 */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCountingReceiver } from '../../test/support/counting-receiver.js';
import { Service } from '../../test/support/service.js';

const ROUNDS = 6;
const WINDOW_MILLIS = 3_000;
const CLIENTS = 8;
/** Makes some 1,000 requests a second. Without a pause, this would measure an overloaded service. */
const PAUSE_MILLIS = 6;
/** The last one shows how much of a difference is chance. */
const STATES = ['healthy', 'absent', 'hanging', '503', 'healthy again'] as const;
type State = (typeof STATES)[number];

let state: State = 'healthy';
/** Ignores the spans, because reading them would slow down the clients in this process. */
const answer = (response: ServerResponse) => {
  if (state === '503') response.writeHead(503).end();
  else if (state !== 'hanging') response.end('{}');
  return false;
};
let receiver = await startCountingReceiver(answer);
const port = Number(new URL(receiver.endpoint).port);

async function become(next: State): Promise<void> {
  const wasAbsent = state === 'absent';
  state = next;
  if (next === 'absent') await receiver.close();
  else if (wasAbsent) receiver = await startCountingReceiver(answer, port);
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? 0;
const median = (values: readonly number[]) => quantile(values, 0.5);

const service = await Service.start(receiver.endpoint);
await service.load(WINDOW_MILLIS, CLIENTS, PAUSE_MILLIS);
const figures = STATES.map(() => ({
  p50: [] as number[],
  p99: [] as number[],
  rps: [] as number[],
}));
let failures = 0;
let rss = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  const order = STATES.map((_, index) => index);
  for (const index of round % 2 === 0 ? order : order.reverse()) {
    await become(STATES[index]!);
    const load = await service.load(WINDOW_MILLIS, CLIENTS, PAUSE_MILLIS);
    failures += load.failures;
    figures[index]!.p50.push(quantile(load.latencies, 0.5));
    figures[index]!.p99.push(quantile(load.latencies, 0.99));
    figures[index]!.rps.push((load.latencies.length / WINDOW_MILLIS) * 1_000);
    rss = Math.max(rss, (await service.report()).rss);
    // Sends the queue before the next state begins.
    await become('healthy');
    for (let i = 0; i < 40 && (await service.report()).delivery.pending > 2_000; i += 1)
      await sleep(500);
  }
}
const { delivery } = await service.end();
await receiver.close();

console.log('receiver       requests/s      p50      p99   p99 against healthy (median of rounds)');
for (const [index, name] of STATES.entries()) {
  const { p50, p99, rps } = figures[index]!;
  const ratio = median(p99.map((value, round) => value / figures[0]!.p99[round]!));
  console.log(
    `${name.padEnd(14)} ${median(rps).toFixed(0).padStart(10)} ` +
      `${median(p50).toFixed(2).padStart(5)} ms ${median(p99).toFixed(2).padStart(5)} ms   ${ratio.toFixed(2)}`,
  );
}
console.log(
  `failed requests: ${failures} · largest resident set: ${(rss / 2 ** 20).toFixed(0)} MB · ` +
    `spans: ${delivery.ended} ended, ${delivery.delivered} delivered, ${delivery.dropped} dropped`,
);
