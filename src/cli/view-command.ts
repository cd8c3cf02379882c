import { InvalidArgumentError, type Command } from 'commander';
import { addressesOfJaegers } from '../readers/clickhouse-api.js';
import { readSummary } from '../readers/read-summary.js';
import { PAGE_PORT, RECEIVER_PORT, viewSummary, viewTraces, whereIs } from '../view/view.js';
import { repeatedName } from './command.js';
import { findJaegerUrl, jaegerUrlOption } from './report-command.js';
import { say } from './output.js';

interface ViewOptions {
  readonly port?: number;
  readonly jaegerUrl?: string;
  readonly by?: readonly string[];
  readonly entry?: string;
}

const HELP = `
Without a source it is a receiver of OTLP/HTTP, in Protocol Buffers or JSON: any program with an OpenTelemetry SDK can
send its traces there, also programs in other languages. The page at the same address follows them. Traces are in
memory, and are gone when the command ends. Only this machine can reach it.

Where OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set, spans are also sent on to there.

Examples:
  hotspan view
  OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 hotspan view --port 4320
  hotspan view --entry 'POST /ask' --by session.id
  hotspan view traces.json --by tenant`;

export function addViewCommand(program: Command): void {
  program
    .command('view')
    .description('show a page in the browser: of traces as they come, or of a source')
    .argument('[source...]', 'files or addresses of traces, or saved summaries')
    .option(
      '--port <number>',
      `the port of this machine, or the next one that is free (default: ${RECEIVER_PORT}; ${PAGE_PORT} with a source)`,
      port,
    )
    .option('--entry <name>', 'rank only the requests or jobs of this name, as the summary has it')
    .option(
      '--by <attribute>',
      'also group by an attribute, such as session.id, or by session, user, tenant, route, agent or tool; may be repeated',
      repeatedName,
    )
    .addOption(jaegerUrlOption())
    .addHelpText('after', HELP)
    .action(view);
}

async function view(sources: string[], options: ViewOptions): Promise<void> {
  const jaegers = await addressesOfJaegers(sources);
  const jaegerUrl = findJaegerUrl(options.jaegerUrl, jaegers, process.env);
  const { by, entry } = options;
  if (sources.length === 0) {
    const { port: asked = RECEIVER_PORT } = options;
    const server = await viewTraces({
      ...{ port: asked, jaegerUrl, by, entry },
      ...{ env: process.env, log: say },
    });
    say(whereIs(server, asked));
    say(`it shows the traces that are sent to ${server.address}/v1/traces; Ctrl-C ends it`);
    return;
  }
  const { port: asked = PAGE_PORT } = options;
  const summary = await readSummary(sources, { by, entry });
  const server = await viewSummary(() => summary, {
    port: asked,
    jaegerUrl,
    live: false,
    share: 1,
  });
  say(`${whereIs(server, asked)}; Ctrl-C ends it`);
}

export function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new InvalidArgumentError('Expected a port from 0 to 65535.');
}
