import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { jaegerOptions, mountedFiles, services } from './compose.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entries = Object.entries(services);

/** Docker's Compose: the plugin, or the program of its own that it was before. */
const compose = [['docker', 'compose'], ['docker-compose']].find(
  ([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0,
);
if (compose === undefined) {
  console.log('Left out: `docker compose config`, because Docker Compose is not installed.');
}

function config(...args: string[]): { status: number | null; stderr: string } {
  const [program = '', ...first] = compose ?? [];
  const all = [...first, '-f', `${root}docker-compose.yml`, ...args, 'config', '--quiet'];
  const { status, stderr } = spawnSync(program, all, { encoding: 'utf8' });
  return { status, stderr };
}

describe('docker-compose.yml', () => {
  it('starts one service by default, and nothing of this folder is in it', () => {
    const byDefault = entries.filter(([, { profiles }]) => profiles === undefined);
    expect(byDefault.map(([name]) => name)).toEqual(['jaeger']);
    expect(jaegerOptions(services.jaeger!)).toEqual([]);
    expect(services.jaeger!.volumes).toBeUndefined();
  });

  it('opens ports to this machine alone', () => {
    const ports = entries.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(2);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('has each other service that opens ports in a profile', () => {
    const others = entries.filter(([name, { ports }]) => name !== 'jaeger' && ports !== undefined);
    expect(others.map(([name, { profiles }]) => [name, profiles])).toEqual([
      ['jaeger-badger', ['badger']],
      ['jaeger-monitor', ['monitor']],
      ['collector', ['fleet']],
      ['prometheus-fleet', ['fleet']],
      ['grafana', ['fleet']],
    ]);
  });

  it('has no port of the default service in the profile that runs beside it', () => {
    const beside = entries.filter(
      ([name, { profiles }]) => name === 'jaeger' || profiles?.[0] === 'fleet',
    );
    const ports = beside.flatMap(([, service]) => service.ports ?? []);
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(ports.length);
  });

  it('limits the memory of each service', () => {
    expect(entries.filter(([, service]) => service.mem_limit === undefined)).toEqual([]);
  });

  it('mounts files that are there, and that the options name', () => {
    const { files } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
      files: string[];
    };
    const mounted = entries.flatMap(([, service]) => [...mountedFiles(service).values()]);
    expect(new Set(mounted).size).toBe(9);
    for (const path of mounted) {
      expect(existsSync(`${root}${path}`), path).toBe(true);
      expect(files).toContain(path.split('/')[0]);
    }
    expect(jaegerOptions(services['jaeger-monitor']!)).toEqual([
      `--config=${root}docker/jaeger-badger.yaml`,
      `--config=${root}docker/jaeger-monitor.yaml`,
    ]);
  });

  it('names services as the files that it mounts do', () => {
    const file = (path: string) => readFileSync(`${root}docker/${path}`, 'utf8');
    expect(file('jaeger-monitor.yaml')).toContain('http://prometheus:9090');
    expect(file('prometheus.yaml')).toContain('jaeger-monitor:8889');
    expect(file('fleet/collector.yaml')).toContain('http://prometheus-fleet:9090');
    expect(file('fleet/collector.yaml')).toContain('jaeger:4317');
    expect(file('fleet/grafana/sources.yaml')).toContain('http://prometheus-fleet:9090');
    expect(file('fleet/grafana/sources.yaml')).toContain('http://jaeger:16686');
    const named = ['prometheus', 'jaeger-monitor', 'prometheus-fleet', 'jaeger'];
    expect(Object.keys(services)).toEqual(expect.arrayContaining(named));
  });

  it
    .skipIf(compose === undefined)
    .each([[[]], [['badger']], [['monitor']], [['badger', 'monitor']], [['fleet']]])(
    'is understood by Docker Compose with the profiles %j',
    (profiles) => {
      const flags = profiles.flatMap((profile) => ['--profile', profile]);
      expect(config(...flags)).toEqual({ status: 0, stderr: '' });
    },
  );
});
