import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { traceLine } from '../../scripts/fleet/made-traces.js';
import { exactRows, newFolder, part, report, start, tracesFile } from './parts.js';

const TRACES = 200;

/** Sends traces through a Collector whose file exporter writes them, several in a line. */
async function written(folder: string, format: 'json' | 'proto'): Promise<string> {
  const file = join(folder, `written.${format}`);
  const path = join(folder, `collector-${format}.yaml`);
  const config = (port: number) => `
receivers: {otlp: {protocols: {http: {endpoint: '127.0.0.1:${port}'}}}}
processors: {batch: {timeout: 100ms}}
exporters: {file: {path: '${file}', format: ${format}}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], processors: [batch], exporters: [file]}}
`;
  const collector = await start(part('bin/otelcol'), (port) => {
    writeFileSync(path, config(port));
    return ['--config', path];
  });
  for (let trace = 0; trace < TRACES; trace += 1) {
    const sent = await fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: traceLine(trace),
    });
    expect(sent.status).toBe(200);
  }
  // It writes all that it has when it ends.
  await collector.stop();
  return file;
}

it.each(['json', 'proto'] as const)(
  'gives the rows of what was sent to it, written by the file exporter as %s',
  async (format) => {
    const folder = newFolder();
    const sent = report(tracesFile(folder, 0, TRACES));
    const read = report(await written(folder, format));
    expect(read.totals).toEqual(sent.totals);
    expect(exactRows(read)).toEqual(exactRows(sent));
    expect(read.warnings).toEqual(sent.warnings);
  },
);
