import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BadInputError } from '../errors.js';

/** How many ports are tried, from the first on. */
const TRIES = 20;
const MAX_PORT = 65_535;
const HOSTS = ['127.0.0.1', '::1'];
/** This machine has no IPv6. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/** Servers that listen on the loopback addresses of this machine, all on one port. */
export interface Listening {
  readonly port: number;
  readonly servers: readonly Server[];
}

/**
 * Listens on a port of loopback, or on the next one that is free; 0 is any free one.
 *
 * @throws BadInputError (rejects) if none of 20 is free
 */
export async function listenOnLoopback(make: () => Server, first: number): Promise<Listening> {
  const last = Math.min(first + TRIES - 1, MAX_PORT);
  for (let port = first; port <= last; port += 1) {
    const found = await listenOn(make, port);
    if (found !== undefined) return found;
  }
  throw new BadInputError(`expected a free port from ${first} to ${last}, but all are taken`);
}

/** Returns `undefined` if the port is taken on one of the addresses. */
async function listenOn(make: () => Server, asked: number): Promise<Listening | undefined> {
  const servers: Server[] = [];
  let port = asked;
  for (const host of HOSTS) {
    const server = make();
    try {
      port = await listen(server, port, host);
      servers.push(server);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (servers.length > 0 && NO_SUCH_ADDRESS.has(code)) continue;
      for (const each of servers) each.close();
      if (code === 'EADDRINUSE') return undefined;
      const why = code === 'EACCES' ? 'it needs more rights' : code;
      throw new BadInputError(`expected a port that can be listened on, got ${port}: ${why}`);
    }
  }
  return { port, servers };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
