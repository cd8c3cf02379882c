/** Lists the tools that hotspan is compared with. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WITHOUT_NPM } from './child.js';

/** The checkout, seen from the compiled bench. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = `${ROOT}bench/peers`;

/** One tool in the comparison. */
export interface PeerEntry {
  readonly name: string;
  /** The path of its program, see `PeerModule`. */
  readonly program: string;
  /** Its folder in `bench/peers`. hotspan and the bare SDK have none. */
  readonly folder?: string;
}

/** The packages that the bare SDK needs to send spans. */
export const BARE_PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/context-async-hooks',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/sdk-trace-node',
];

/** The bare SDK, which all others are compared with. */
export const BARE: PeerEntry = { name: 'bare SDK', program: built('peer-bare') };
export const HOTSPAN: PeerEntry = { name: 'hotspan', program: built('peer-hotspan') };

/** Tools that users would pick instead of hotspan. */
export const PEERS: readonly PeerEntry[] = [
  peer('Langfuse', 'langfuse'),
  peer('OpenInference', 'openinference'),
  peer('OpenLLMetry', 'openllmetry'),
  peer('Sentry', 'sentry'),
  peer('dd-trace', 'dd-trace'),
  peer('autotel', 'autotel'),
];

function built(program: string): string {
  return `${ROOT}bench/built/${program}.js`;
}

function peer(name: string, folder: string): PeerEntry {
  return { name, folder, program: `${FOLDER}/${folder}/main.js` };
}

/** Installs the peers if needed and returns them. If that fails, logs one line and returns none. */
export function installedPeers(): readonly PeerEntry[] {
  if (existsSync(`${FOLDER}/node_modules`)) return PEERS;
  try {
    execFileSync('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts'], {
      env: WITHOUT_NPM,
      stdio: 'ignore',
    });
    return PEERS;
  } catch {
    console.error('The peers are left out: npm could not install them into bench/peers.');
    return [];
  }
}

/** Returns the dependencies of a peer's program, with their versions. */
export function dependenciesOf({ folder }: PeerEntry): Record<string, string> {
  const text = readFileSync(`${FOLDER}/${folder}/package.json`, 'utf8');
  return (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies;
}

/** Returns the version of a package in this checkout. */
export function versionOf(name: string): string {
  const folder = name === 'hotspan' ? '' : `node_modules/${name}/`;
  const text = readFileSync(`${ROOT}${folder}package.json`, 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Turns off the peers' own telemetry. */
export const QUIET = {
  TRACELOOP_TELEMETRY: 'false',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  NODE_NO_WARNINGS: '1',
};
