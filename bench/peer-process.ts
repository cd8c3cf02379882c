/**
 * Measures one peer in this process. `node peer-process.js start MODULE ENDPOINT` prints how many
 * milliseconds passed from the start of the process until the peer had started. `spans MODULE ENDPOINT
 * PAIRS ROUNDS` prints what a span costs. Without a module, nothing is started. Without an endpoint, spans
 * are discarded.
 */
import { pathToFileURL } from 'node:url';
import type { PeerModule } from './peer.js';

const [what, module = '', endpoint = '', pairs = '', rounds = ''] = process.argv.slice(2);
const destination =
  endpoint === '' ? ({ kind: 'thrown away' } as const) : ({ kind: 'receiver', endpoint } as const);

async function started() {
  if (module === '') return undefined;
  const { start } = (await import(pathToFileURL(module).href)) as PeerModule;
  return start(destination);
}

let result: unknown;
if (what === 'start') {
  await started();
  const { user, system } = process.cpuUsage();
  result = { wallMillis: performance.now(), cpuMillis: (user + system) / 1e3 };
} else {
  const { allowLoopbackOnly } = await import('./loopback-only.js');
  allowLoopbackOnly();
  const { measurePeer } = await import('./measure-peer.js');
  result = await measurePeer((await started())!, {
    isSent: endpoint !== '',
    pairs: Number(pairs),
    rounds: Number(rounds),
  });
}
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit());
