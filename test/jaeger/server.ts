import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { jaegerOptions, services } from './compose.js';

/** A Jaeger that was started here. */
export interface JaegerServer {
  /** Where its UI and its query API are. */
  readonly url: string;
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly otlpEndpoint: string;
  /** Where Prometheus collects the figures of `jaeger-monitor`. */
  readonly metricsUrl: string;
  /** Resolves when it has ended. `SIGKILL` leaves it no time for anything. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** How to start it. */
export interface JaegerServerOptions {
  /** The path of the program. */
  readonly binary: string;
  /** The service of docker-compose.yml whose configuration it gets. */
  readonly service: 'jaeger' | 'jaeger-badger' | 'jaeger-monitor';
  /** Instead of the volume with the traces. */
  readonly folder?: string;
  /** Instead of the Prometheus of docker-compose.yml. */
  readonly prometheusUrl?: string;
}

const READY_WITHIN_MILLIS = 60_000;
const STOPPED_WITHIN_MILLIS = 10_000;

/**
 * Starts Jaeger as docker-compose.yml does, but on free ports of the loopback interface.
 *
 * @throws Error with the last lines that it logged, when it ends or is not ready within a minute
 */
export async function startJaeger(options: JaegerServerOptions): Promise<JaegerServer> {
  const [ui, queryGrpc, otlpHttp, otlpGrpc, health, metrics, healthGrpc] = await freePorts(7);
  const at = (port = 0) => `127.0.0.1:${port}`;
  const settings = {
    'extensions.jaeger_query.http.endpoint': at(ui),
    'extensions.jaeger_query.grpc.endpoint': at(queryGrpc),
    'receivers.otlp.protocols.http.endpoint': at(otlpHttp),
    'receivers.otlp.protocols.grpc.endpoint': at(otlpGrpc),
    'extensions.healthcheckv2.http.endpoint': at(health),
    ...settingsOf(options, at(metrics), at(healthGrpc)),
  };
  const service = services[options.service]!;
  const overrides = Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`);
  const child = spawn(options.binary, [...jaegerOptions(service), ...overrides], {
    env: service.environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Also when the run of the tests is broken off.
  process.once('exit', () => child.kill('SIGKILL'));
  const stop = (signal?: 'SIGTERM' | 'SIGKILL') => end(child, signal);
  const log = lastLines(child);
  try {
    await ready(child, `http://${at(health)}/status`);
  } catch (error) {
    await stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${options.service} did not start: ${reason}\n${log()}`, { cause: error });
  }
  return {
    url: `http://${at(ui)}`,
    otlpEndpoint: `http://${at(otlpHttp)}`,
    metricsUrl: `http://${at(metrics)}/metrics`,
    stop,
  };
}

/** What differs between the services. */
function settingsOf(
  { service, folder, prometheusUrl }: JaegerServerOptions,
  metricsEndpoint: string,
  healthEndpoint: string,
): Record<string, string> {
  if (service === 'jaeger') {
    // Without a configuration it opens more ports than anybody needs here, and they cannot be moved.
    return {
      'service.extensions': '[jaeger_storage, jaeger_query, healthcheckv2]',
      'service.pipelines.traces.receivers': '[otlp]',
      'service.telemetry.metrics.level': 'none',
      // Another Jaeger of this machine may have the usual one.
      'extensions.healthcheckv2.grpc.endpoint': healthEndpoint,
    };
  }
  const directories = 'extensions.jaeger_storage.backends.traces_on_disk.badger.directories';
  const onDisk = {
    [`${directories}.keys`]: `${folder}/keys`,
    [`${directories}.values`]: `${folder}/values`,
  };
  if (service === 'jaeger-badger') return onDisk;
  const metrics = 'extensions.jaeger_storage.metric_backends.span_metrics.prometheus.endpoint';
  return {
    ...onDisk,
    'exporters.prometheus.endpoint': metricsEndpoint,
    // A test need not wait for the 15 seconds.
    'connectors.spanmetrics.metrics_flush_interval': '500ms',
    ...(prometheusUrl === undefined ? {} : { [metrics]: prometheusUrl }),
  };
}

/** Ports of the loopback interface that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(holders.map((holder) => once(holder, 'listening')));
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map((holder) => once(holder.close(), 'close')));
  return ports;
}

/**
 * Resolves when the URL answers with success.
 *
 * @throws Error when the program ends before, or a minute has passed
 */
export async function ready(child: ChildProcess, statusUrl: string): Promise<void> {
  let failure: string | undefined;
  child.once('error', ({ message }) => (failure = message));
  child.once('exit', (code) => (failure ??= `it ended with code ${String(code)}`));
  const deadline = Date.now() + READY_WITHIN_MILLIS;
  while (!(await isOk(statusUrl))) {
    if (Date.now() > deadline) failure ??= 'it is not ready after a minute';
    if (failure !== undefined) throw new Error(failure);
    await sleep(100);
  }
}

/** Whether the URL answers, and with success. */
export async function isOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

/** Ends a program that was started here, by force when it takes too long. */
export async function end(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MILLIS);
  await ended;
  clearTimeout(timer);
}

function lastLines(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4_000);
  });
  return () => text.split('\n').slice(-12).join('\n');
}
