import type { Environment } from '../environment.js';
import { messageOf } from '../error-facts.js';
import { JAEGER_URL, JAEGER_VARIABLE } from '../report/jaeger-link.js';
import type { Summary } from '../summary.js';
import { viewPort, type ViewOptions } from './view-setting.js';
import type { FollowTraces } from './traces-list.js';
import { viewSummary, whereIs } from './view.js';

/**
 * The most of a program's time that making summaries may take while somebody looks. With the garbage that they leave and
 * the sending that is a hundredth at most.
 */
const SHARE = 0.005;

/**
 * Serves the page of this process, if the option or the environment asks for it, and logs where. It does not keep the
 * process alive. Never throws, and never rejects.
 *
 * @param follow has the traces that end listed while somebody looks
 * @returns ends the page
 */
export function openProcessPage(
  option: boolean | ViewOptions | undefined,
  env: Environment,
  summary: () => Summary,
  follow: FollowTraces,
): () => Promise<void> {
  const port = viewPort(option, env);
  if (port === undefined) return () => Promise.resolve();
  const jaegerUrl = env.read(JAEGER_VARIABLE, JAEGER_URL);
  const options = { port, jaegerUrl, live: true, share: SHARE, isBackground: true, follow };
  const opening = viewSummary(summary, options).then(
    (server) => {
      env.log(`hotspan: ${whereIs(server, port)}`);
      return server;
    },
    (error: unknown) => {
      env.log(`hotspan: there is no page: ${messageOf(error)}`);
      return undefined;
    },
  );
  return async () => {
    await (await opening)?.close();
  };
}
