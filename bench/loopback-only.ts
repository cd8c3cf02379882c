/** Refuses every connection that leaves this machine, and ends the process that tried. */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost', '']);

function refuse(host: string): never {
  process.stderr.write(`refused: a connection to ${host}\n`);
  process.exit(3);
}

function requireLoopback(host: unknown): void {
  if (typeof host === 'string' && !LOOPBACK.has(host)) refuse(host);
}

/** Guards all connections from now on. */
export function allowLoopbackOnly(): void {
  watch(net.Socket.prototype, 'connect', (args) => {
    // Node's own calls pass the arguments as one list.
    const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
    const isOptions = typeof first === 'object' && first !== null;
    requireLoopback(isOptions ? (first as { host?: unknown }).host : second);
  });
  watch(dns, 'lookup', ([host]) => requireLoopback(host));
  watch(dgram.Socket.prototype, 'send', ([, ...args]) => {
    for (const argument of args) requireLoopback(argument);
  });
  syncBuiltinESMExports();
}

/** Lets `look` see the arguments of a method before each call. */
function watch<K extends string>(
  target: Record<K, unknown>,
  name: K,
  look: (args: readonly unknown[]) => void,
): void {
  const method = target[name] as (...args: unknown[]) => unknown;
  target[name] = function (this: unknown, ...args: unknown[]) {
    look(args);
    return Reflect.apply(method, this, args);
  };
}
