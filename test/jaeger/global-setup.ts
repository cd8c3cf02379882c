import type { TestProject } from 'vitest/node';
import { Environment } from '../../src/environment.js';
import { otlpSettings } from '../../src/delivery/otlp-settings.js';
import { isOk, startJaeger } from './server.js';

const HOW =
  'Start one with `docker compose up -d --wait`, name another with HOTSPAN_JAEGER_URL and ' +
  'OTEL_EXPORTER_OTLP_ENDPOINT, or have one started:\n' +
  'HOTSPAN_JAEGER_BINARY=$(test/jaeger/install.sh) npm run test:jaeger';

/** The Jaeger under test. */
export interface JaegerUnderTest {
  /** Where its UI and its query API are. */
  readonly url: string;
  /** Where it takes traces. */
  readonly tracesUrl: string;
  /** The program, when `HOTSPAN_JAEGER_BINARY` names it; without it no other Jaeger can be started. */
  readonly binary: string | undefined;
}

declare module 'vitest' {
  export interface ProvidedContext {
    jaeger: JaegerUnderTest;
  }
}

/**
 * Finds the Jaeger that runs at `HOTSPAN_JAEGER_URL`, or starts the program that
 * `HOTSPAN_JAEGER_BINARY` names and stops it after the tests. Ends the run when there is none.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binary = process.env.HOTSPAN_JAEGER_BINARY ?? '';
  try {
    if (binary === '') {
      project.provide('jaeger', await findRunning());
      return () => Promise.resolve();
    }
    const server = await startJaeger({ binary, service: 'jaeger' });
    const tracesUrl = `${server.otlpEndpoint}/v1/traces`;
    project.provide('jaeger', { url: server.url, tracesUrl, binary });
    return () => server.stop();
  } catch (error) {
    // Thrown, it would come with the stack of the test runner.
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

async function findRunning(): Promise<JaegerUnderTest> {
  const url = (process.env.HOTSPAN_JAEGER_URL ?? 'http://localhost:16686').replace(/\/$/, '');
  const { url: tracesUrl } = otlpSettings(new Environment(process.env, () => undefined));
  if (!(await isOk(`${url}/api/v3/services`)))
    throw new Error(`No Jaeger answers at ${url}. ${HOW}`);
  if (!(await answers(tracesUrl))) throw new Error(`Nobody takes traces at ${tracesUrl}. ${HOW}`);
  return { url, tracesUrl, binary: undefined };
}

/** Whatever it says: it may want the headers that the tests send. */
async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: 'POST', signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}
