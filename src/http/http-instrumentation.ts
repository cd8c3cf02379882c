import { syncBuiltinESMExports } from 'node:module';
import { traceRequests } from './http-client.js';
import { traceServers } from './http-server.js';
import { RequestInstrumentation } from './http-span.js';

/** Makes a span for each request that `node:http` and `node:https` send or answer. */
export class HttpInstrumentation extends RequestInstrumentation {
  readonly instrumentationName = 'hotspan-http';
  #stop: (() => void)[] = [];

  enable(): void {
    if (this.#stop.length > 0) return;
    const tracer = () => this.tracer;
    this.#stop = [traceRequests(tracer), traceServers(tracer)];
    syncBuiltinESMExports();
  }

  disable(): void {
    for (const stop of this.#stop.splice(0)) stop();
    syncBuiltinESMExports();
  }
}
