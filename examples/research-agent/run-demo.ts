import type { Tracing } from 'hotspan/node';
import OpenAI from 'openai';
import { answerQuestion, type Agent } from './agent.js';
import { openLibrary } from './documents.js';
import { startOpenAiServer } from './openai-server.js';

/** What the demo needs. */
export interface DemoOptions {
  /** Receives the output line by line. A line may contain line breaks. */
  readonly print: (line: string) => void;
  /** The demo shuts it down at the end. */
  readonly tracing: Tracing;
  /** The folder of packages whose READMEs the agent searches. Default: this project's. */
  readonly nodeModules?: string | undefined;
  /** Called with all answered, before the shutdown. */
  readonly beforeEnd?: () => Promise<void>;
}

/** The questions for the agent. */
export const QUESTIONS = [
  'How long does the OTLP exporter wait for a batch export, and how are transient errors retried?',
  'Which connection errors does the openai client retry by default, and after how many minutes do requests time out?',
  'How do I make an option mandatory in commander, and where may its value come from?',
  'What happens in lru-cache if neither max nor maxSize is set, and are stale items deleted when their ttl ends?',
  'Does MiniSearch apply stemming or a stop-word list, and how can terms be processed?',
];

const WIDTH = 100;

/** Lets the agent answer all questions, then prints the ranking. */
export async function runDemo({
  print,
  tracing,
  nodeModules,
  beforeEnd,
}: DemoOptions): Promise<void> {
  const library = await openLibrary(nodeModules);
  const server = await startOpenAiServer();
  const client = new OpenAI({ baseURL: server.url, apiKey: 'not-needed', maxRetries: 0 });
  print(
    `An agent answers ${QUESTIONS.length} questions from ${library.fileCount} READMEs in node_modules. ` +
      'A local server stands in for OpenAI.',
  );
  try {
    for (const question of QUESTIONS) {
      print(`\n${wrap(question, 'Q  ')}`);
      print(await answerLines({ client, library }, question));
    }
  } finally {
    await server.close();
  }
  const summary = tracing.summary();
  print(`\n${summary.toText()}\n`);
  await beforeEnd?.();
  await tracing.shutdown();
  print(whereTracesAre(tracing, summary.slowest[0]?.traceId));
}

/** Answers one question. If it fails, the demo continues with the others. */
async function answerLines(agent: Agent, question: string): Promise<string> {
  try {
    const { text, cited } = await answerQuestion(agent, question);
    const names = [...new Set(cited.map(({ packageName }) => packageName))];
    return [wrap(text, 'A  '), `   Sources: ${names.join(', ') || 'none'}`].join('\n');
  } catch (error) {
    return wrap(`No answer: ${error instanceof Error ? error.message : String(error)}`, 'A  ');
  }
}

function whereTracesAre(tracing: Tracing, slowestTrace: string | undefined): string {
  const { endpoint, delivered, reason } = tracing.delivery();
  if (endpoint === undefined)
    return 'The traces were not sent, because the OTEL_* variables turn the export off.';
  if (delivered === 0 || slowestTrace === undefined) {
    return (
      `The traces did not arrive at ${endpoint}${reason === undefined ? '' : ` (${reason})`}.\n` +
      'To see them in Jaeger, run docker compose up -d --wait, then npm run demo again.'
    );
  }
  const jaeger = process.env.HOTSPAN_JAEGER_URL ?? 'http://localhost:16686';
  return `The slowest trace in Jaeger: ${jaeger.replace(/\/$/, '')}/trace/${slowestTrace}`;
}

/** Breaks a text into lines. `lead` precedes the first, and the others are indented to match. */
function wrap(text: string, lead: string): string {
  const lines = [lead];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length <= WIDTH) lines[lines.length - 1] = `${line}${word} `;
    else lines.push(`${' '.repeat(lead.length)}${word} `);
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}
