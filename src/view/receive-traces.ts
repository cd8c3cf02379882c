import { hasOtlpEndpoint, otlpSettings } from '../delivery/otlp-settings.js';
import { Environment } from '../environment.js';
import { Forwarder } from './forwarder.js';
import { LiveRanking, type RankingChoice } from './live-ranking.js';
import { servePage, type PageServer } from './page-server.js';
import { pageSource } from './page-source.js';
import { makeReceiver } from './receiver.js';

export interface ReceiveOptions extends RankingChoice {
  readonly port: number;
  readonly jaegerUrl?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Is told what goes wrong, in one line each. */
  readonly log: (line: string) => void;
}

/** The most of the time that making summaries may take: nothing else is done here. */
const SHARE = 0.1;
/** Other things go wrong again and again. */
const MAX_SAID = 20;
const OWN_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]', '0.0.0.0']);

/**
 * Takes the traces of any program that exports OTLP/HTTP, and serves the page of them. Sends them on where the
 * environment names an endpoint.
 *
 * @throws BadInputError (rejects) if no port is free
 */
export async function receiveTraces(options: ReceiveOptions): Promise<PageServer> {
  const { port, jaegerUrl, log } = options;
  const ranking = new LiveRanking(options);
  const said = new Set<string>();
  let forwarder: Forwarder | undefined = undefined as Forwarder | undefined;
  const receive = makeReceiver({
    take: (body, isJson) => ranking.take(body, isJson),
    forward: (body, contentType) => forwarder?.send(body, contentType),
    refused: (line) => {
      if (said.size >= MAX_SAID || said.has(line)) return;
      said.add(line);
      log(`a request was refused: ${line}`);
    },
  });
  const source = pageSource(() => ranking.summary(), {
    ...{ jaegerUrl, live: true },
    running: () => ranking.running(),
    list: ranking,
  });
  const answers = { 'POST /v1/traces': receive };
  const server = await servePage(source, { port, share: SHARE, answers });
  forwarder = makeForwarder(options, server.port);
  return server;
}

/** Returns `undefined` if the environment names no endpoint, or this receiver itself. */
function makeForwarder({ env, log }: ReceiveOptions, port: number): Forwarder | undefined {
  const environment = new Environment(env, (line) => log(line.replace('hotspan: ', '')));
  if (!hasOtlpEndpoint(environment)) return undefined;
  const settings = otlpSettings(environment);
  const { hostname, port: its } = new URL(settings.url);
  if (OWN_HOSTS.has(hostname) && its === String(port)) return undefined;
  log(`spans are sent on to ${settings.endpoint}`);
  return new Forwarder(settings, log);
}
