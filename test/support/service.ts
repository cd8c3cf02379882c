import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Delivery } from 'hotspan/node';

/** The memory and the delivery of the service. */
export interface ServiceReport {
  readonly rss: number;
  readonly heapUsed: number;
  readonly delivery: Delivery;
}

/** The result of a period of load. */
export interface Load {
  /** The latency of each request, in milliseconds. */
  readonly latencies: number[];
  readonly failures: number;
}

/** A service in its own process. */
export class Service {
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /** Starts a service that sends its traces to this endpoint. */
  static async start(endpoint: string, env: Record<string, string> = {}): Promise<Service> {
    const child = fork(fileURLToPath(new URL('service-process.js', import.meta.url)), {
      env: { PATH: process.env.PATH, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env },
      execArgv: ['--expose-gc'],
    });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new Service(child, port);
  }

  /**
   * Sends requests for some time from several clients.
   *
   * @param pauseMillis the pause between two requests of a client
   */
  async load(millis: number, clients: number, pauseMillis = 0): Promise<Load> {
    const untilMillis = performance.now() + millis;
    const latencies: number[] = [];
    let failures = 0;
    const client = async () => {
      while (performance.now() < untilMillis) {
        const startMillis = performance.now();
        if ((await this.#ask()) === 200) latencies.push(performance.now() - startMillis);
        else failures += 1;
        if (pauseMillis > 0) await sleep(pauseMillis);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    return { latencies, failures };
  }

  /** Reports after a garbage collection. */
  async report(): Promise<ServiceReport> {
    this.#child.send('report');
    const [report] = (await once(this.#child, 'message')) as [ServiceReport];
    return report;
  }

  /** Shuts down tracing and the service, and returns the last report. */
  async end(): Promise<ServiceReport> {
    this.#child.send('end');
    const [report] = (await once(this.#child, 'message')) as [ServiceReport];
    this.#agent.destroy();
    return report;
  }

  #ask(): Promise<number> {
    return new Promise((resolve) => {
      get({ host: '127.0.0.1', port: this.#port, agent: this.#agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      }).on('error', () => resolve(0));
    });
  }
}
