/** hotspan, as a peer. */
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import type { Destination, Peer } from './peer.js';

const attributes = () => ({ 'app.text': 'text', 'app.number': 3, 'app.flag': true });

export async function start(destination: Destination): Promise<Peer> {
  return {
    pair: () =>
      segment('outer', { attributes: attributes() }, () =>
        segment('inner', { attributes: attributes() }, () => Promise.resolve(1)),
      ),
    ...(await startTo(destination)),
  };
}

async function startTo(destination: Destination): Promise<Pick<Peer, 'flush' | 'exported'>> {
  if (destination.kind === 'receiver') {
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = destination.endpoint;
    const tracing = startTracing();
    return { flush: () => tracing.forceFlush() };
  }
  // Programs that call `startTracing` do not load this.
  const { ranked, use, useAsyncContext } = await import('./sdk.js');
  const { ThrownAway } = await import('./thrown-away.js');
  const exporter = new ThrownAway();
  const setup = ranked(exporter);
  useAsyncContext();
  use(setup);
  return { flush: () => setup.flush(), exported: () => exporter.exported };
}
