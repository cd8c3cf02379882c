import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { end, freePorts, ready } from './server.js';

/** A Prometheus that was started here. */
export interface PrometheusServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The program: `HOTSPAN_PROMETHEUS_BINARY`, or `prometheus` where it is installed. */
export const prometheusBinary = findPrometheus();

function findPrometheus(): string | undefined {
  const name = process.env.HOTSPAN_PROMETHEUS_BINARY ?? 'prometheus';
  return spawnSync(name, ['--version']).status === 0 ? name : undefined;
}

/** Reserves a port, because Jaeger has to know it before there is something to collect. */
export async function prometheusPort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Starts Prometheus with docker/prometheus.yaml; it collects from another address, and more often. */
export async function startPrometheus(
  binary: string,
  port: number,
  metricsUrl: string,
  folder: string,
): Promise<PrometheusServer> {
  const shipped = readFileSync(new URL('../../docker/prometheus.yaml', import.meta.url), 'utf8');
  const config = shipped
    .replace('jaeger-monitor:8889', new URL(metricsUrl).host)
    .replace('scrape_interval: 15s', 'scrape_interval: 500ms\n  scrape_timeout: 500ms');
  writeFileSync(`${folder}/prometheus.yaml`, config);
  const child = spawn(
    binary,
    [
      `--config.file=${folder}/prometheus.yaml`,
      `--storage.tsdb.path=${folder}/metrics`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await ready(child, `${url}/-/ready`);
  return { url, stop: () => end(child) };
}
