import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { URL } from 'node:url';
import { Option, type Command } from 'commander';
import { BadInputError } from '../errors.js';
import { Environment } from '../environment.js';
import { RUN_FOLDER, RunFolder } from '../run/run-folder.js';
import { NOTHING_TRACED, summaryOfRun } from '../run/run-summary.js';
import { tryWriting, writeSummary } from '../run/write-summary.js';
import type { PageServer } from '../view/page-server.js';
import { PAGE_PORT, viewSummary, whereIs } from '../view/view.js';
import { RunPage } from '../view/run-page.js';
import { VIEW_VARIABLE, viewPort } from '../view/view-setting.js';
import { count, repeatedName } from './command.js';
import { findJaegerUrl } from './report-command.js';
import { leaveInterrupts, say } from './output.js';
import { port } from './view-command.js';
import { addFileOptions, askedFiles, type FileOptions } from './written-files.js';

interface RunOptions extends FileOptions {
  readonly out?: string;
  readonly json?: true;
  readonly markdown?: true;
  readonly top?: number;
  readonly entry?: string;
  readonly experiment?: true | readonly string[];
  readonly by?: readonly string[];
  readonly view?: true | number;
}

const REGISTER = new URL('../doors/register.js', import.meta.url).href;
/** A terminal sends these to the program as well, where one is there. */
const FROM_TERMINAL = new Set<NodeJS.Signals>(['SIGINT', 'SIGHUP']);
const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];
/** How long other processes of the run may take to leave their last summary. */
const GRACE_MILLIS = 500;
const LOOK_AGAIN_MILLIS = 20;
/** The most of the time that reading summaries for the page may take. */
const SHARE = 0.1;

const HELP = `
The command may be anything that ends in Node: npm scripts, tsx, vitest, next. Its input, output, signals and
exit code are its own. OTEL_* variables say where spans are sent, and which instrumentations of those that
the program has installed are on.

Examples:
  hotspan run -- node app.js
  hotspan run --view -- npm start
  hotspan run --out summary.json -- npm start
  hotspan run --top 5 -- npx tsx scripts/import.ts --limit 10
  hotspan run --experiment summarize "load users" -- node app.js`;

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .description('run a program and rank what made its users wait, with no change to its code')
    .argument('<command...>', 'the program and its arguments, best after --')
    .option(
      '--out <file>',
      'write the summary there instead of to stderr: .json, .md, .html, .folded, .speedscope.json, .chrome-trace.json or text',
    )
    .addOption(new Option('--json', 'write JSON').conflicts('markdown'))
    .addOption(new Option('--markdown', 'write Markdown'))
    .option('--top <count>', 'the most rows to write (default: 20; all as JSON)', count)
    .option('--entry <name>', 'rank only the requests or jobs of this name, as the summary has it')
    .option(
      '--experiment [row...]',
      'make these rows slower for short periods, and measure what that costs (default: the 3 largest); needs --',
    )
    .option('--by <attribute>', 'also group by an attribute; may be repeated', repeatedName)
    .option(
      '--view [port]',
      `serve a page for the browser that follows the program (default port: ${PAGE_PORT}); needs --`,
      port,
    );
  addFileOptions(command).passThroughOptions().addHelpText('after', HELP).action(run);
}

async function run([command = '', ...args]: string[], options: RunOptions): Promise<void> {
  const { HOTSPAN_OUT, HOTSPAN_SUMMARY } = process.env;
  const { json = HOTSPAN_SUMMARY === 'json', markdown, out = HOTSPAN_OUT, top } = options;
  const { entry, experiment } = options;
  const format = markdown ? 'markdown' : json ? 'json' : undefined;
  const file = out === '' ? undefined : out;
  const jaegerUrl = findJaegerUrl(undefined, [], process.env);
  const folder = RunFolder.create();
  const page = await startPage(options.view, folder, jaegerUrl);
  try {
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: {
        ...process.env,
        ...(entry === undefined ? {} : { HOTSPAN_ENTRY: entry }),
        ...(experiment === undefined ? {} : { HOTSPAN_EXPERIMENT: rowsText(experiment) }),
        ...(options.by === undefined ? {} : { HOTSPAN_BY: options.by.join(',') }),
        // The page is of all processes, and is served here.
        [VIEW_VARIABLE]: '',
        [RUN_FOLDER]: folder.path,
        NODE_OPTIONS: `--import=${REGISTER} ${process.env.NODE_OPTIONS ?? ''}`.trim(),
      },
    });
    const { code, signal } = await endOf(child, command);
    await othersEnd(folder);
    await page?.close();
    const summary = summaryOfRun(folder.read());
    const problems =
      summary !== undefined
        ? [
            writeSummary(summary, { format, file, top, jaegerUrl }),
            ...askedFiles(options).map((file) => tryWriting(summary, { ...file, jaegerUrl })),
          ]
        : [folder.hasSaid ? undefined : NOTHING_TRACED];
    for (const problem of problems) if (problem !== undefined) say(problem);
    process.exitCode = code ?? undefined;
    if (signal !== null) process.once('exit', () => process.kill(process.pid, signal));
  } finally {
    await page?.close();
    folder.remove();
  }
}

/** What the processes leave on the way is read here, so that a page costs them nothing. */
async function startPage(
  asked: true | number | undefined,
  folder: RunFolder,
  jaegerUrl: string | undefined,
): Promise<PageServer | undefined> {
  const option = typeof asked === 'number' ? { port: asked } : asked;
  const port = viewPort(option, new Environment(process.env, (line) => console.error(line)));
  if (port === undefined) return undefined;
  const { summary, follow } = new RunPage(folder);
  const server = await viewSummary(summary, { port, jaegerUrl, live: true, share: SHARE, follow });
  say(whereIs(server, port));
  return server;
}

/** As the environment has them: one name a line. */
function rowsText(rows: true | readonly string[]): string {
  return rows === true ? '1' : rows.join('\n');
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Passes signals on, and waits. */
async function endOf(child: ChildProcess, command: string): Promise<End> {
  leaveInterrupts();
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  const listeners = SIGNALS.map((signal) => {
    const pass = () => {
      if (!hasTerminal || !FROM_TERMINAL.has(signal)) child.kill(signal);
    };
    process.on(signal, pass);
    return () => process.removeListener(signal, pass);
  });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(command, error)));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  } finally {
    for (const stop of listeners) stop();
  }
}

function notStarted(command: string, { code, message }: NodeJS.ErrnoException): BadInputError {
  const problems: Partial<Record<string, string>> = {
    ENOENT: 'there is no such command',
    EACCES: 'it may not be executed',
  };
  const problem = problems[code ?? ''] ?? message;
  return new BadInputError(
    `expected a command to run, such as node app.js, got "${command}": ${problem}`,
  );
}

/** Workers of a cluster, for example, end a moment after the first process. Others may run for ever. */
async function othersEnd(folder: RunFolder): Promise<void> {
  const untilMillis = performance.now() + GRACE_MILLIS;
  while (performance.now() < untilMillis && folder.unfinished().some(isAlive)) {
    await sleep(LOOK_AGAIN_MILLIS);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
