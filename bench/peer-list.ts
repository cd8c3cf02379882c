/** What hotspan is compared with, besides the bare SDK. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WITHOUT_NPM } from './child.js';

/** The checkout, from the compiled bench. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = `${ROOT}bench/peers`;

/** One that is compared. */
export interface PeerEntry {
  readonly name: string;
  /** Its program, see `PeerModule`. */
  readonly program: string;
  /** Of `bench/peers`; hotspan and the bare SDK have none. */
  readonly folder?: string;
}

/** What the bare SDK needs to send spans. */
export const BARE_PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/context-async-hooks',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/sdk-trace-node',
];

/** The bare SDK, that all others are compared with. */
export const BARE: PeerEntry = { name: 'bare SDK', program: built('peer-bare') };
export const HOTSPAN: PeerEntry = { name: 'hotspan', program: built('peer-hotspan') };

/** What users would pick instead. */
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

/** The peers, installed when they are not yet; none, and a line that says so, when they cannot be. */
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

/** The packages of a peer that a program names, with their versions. */
export function dependenciesOf({ folder }: PeerEntry): Record<string, string> {
  const text = readFileSync(`${FOLDER}/${folder}/package.json`, 'utf8');
  return (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies;
}

/** The version of a package in this checkout. */
export function versionOf(name: string): string {
  const folder = name === 'hotspan' ? '' : `node_modules/${name}/`;
  const text = readFileSync(`${ROOT}${folder}package.json`, 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** So that nobody but a receiver on loopback hears of it. */
export const QUIET = {
  TRACELOOP_TELEMETRY: 'false',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  NODE_NO_WARNINGS: '1',
};
