import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Summary } from '../../src/summary.js';
import { startOpenAi } from '../support/llm-servers/openai.js';
import type { Script } from '../support/llm-servers/http.js';
import { startBackend, type Backend } from './backend.js';
import { here } from './packages.js';

/** Newer than the one that hotspan needs: many hosts need it. */
const NODE = join(here, 'node-versions/node_modules/node-24/bin/node');

export interface Told extends Pick<Backend, 'paths' | 'spans'> {
  readonly summary: Summary;
  /** How many requests a model got. */
  readonly asked: number;
  /** The rows with their calls. */
  readonly rows: Readonly<Record<string, number>>;
  readonly stderr: string;
}

/** It also switches LangChain's own tracing on. */
const langsmith = (url: string) => ({
  LANGSMITH_API_KEY: 'none',
  LANGSMITH_ENDPOINT: url,
  LANGSMITH_OTEL_ENABLED: 'true',
  LANGSMITH_TRACING: 'true',
});

/** Runs a program of a folder here with models and a receiver on loopback, and returns what it told. */
export async function runHost(
  program: string,
  {
    node = NODE,
    flags = [],
    args = [],
    env = {},
    script,
  }: {
    /** The runtime, and its own arguments. Default: a Node that many hosts need. */
    readonly node?: string;
    readonly flags?: readonly string[];
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly script?: Script;
  } = {},
): Promise<Told> {
  const openai = await startOpenAi(script);
  const backend = await startBackend();
  const { url, paths, spans } = backend;
  try {
    const { stdout, stderr } = await promisify(execFile)(
      node,
      [...flags, join(here, program), ...args],
      {
        env: {
          PATH: process.env.PATH,
          OPENAI_API_KEY: 'none',
          OPENAI_BASE_URL: openai.url,
          OTEL_EXPORTER_OTLP_ENDPOINT: url,
          LANGFUSE_BASE_URL: url,
          LANGFUSE_PUBLIC_KEY: 'none',
          LANGFUSE_SECRET_KEY: 'none',
          ...(program.includes('langsmith') ? langsmith(url) : {}),
          SENTRY_DSN: url.replace('//', '//key@') + '/1',
          TRACELOOP_API_KEY: 'none',
          TRACELOOP_BASE_URL: url,
          TRACELOOP_TELEMETRY: 'false',
          ...env,
        },
        timeout: 60_000,
      },
    );
    const told = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
      readonly summary: Summary;
      /** What a program got itself. */
      readonly spans?: readonly string[];
    };
    const { summary } = told;
    const rows = Object.fromEntries(summary.bottlenecks.map(({ name, calls }) => [name, calls]));
    return {
      summary,
      rows,
      stderr,
      paths,
      spans: told.spans ?? spans,
      asked: openai.requests.length,
    };
  } finally {
    await openai.close();
    await backend.close();
  }
}
