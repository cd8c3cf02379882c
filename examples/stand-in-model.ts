import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';
import { composeAnswer } from './research-agent/answer-writer.js';
import { countUsage, promptOf } from './research-agent/prompt-usage.js';

/** How the server handles one request. */
export interface Behaviour {
  /** How many milliseconds it takes. Default 0. */
  readonly millis?: number;
  /** Fails with this HTTP status. */
  readonly status?: number;
  /** Always answers this text. */
  readonly text?: string;
  /** Never answers, so the client has to give up. */
  readonly hangs?: true;
}

/** How each model handles its first, second, ... request. The last entry is for all further ones. */
export type Script = Readonly<Record<string, readonly Behaviour[]>>;

/** A running server. */
export interface StandInModel {
  /** The `baseURL` for a client. */
  readonly url: string;
  /** Ends every connection. */
  close(): Promise<void>;
}

type Params = OpenAI.ChatCompletionCreateParams;

/**
 * Starts a local server with OpenAI's chat completions API, without streaming. It reads the sources and
 * the question from the last message (see {@link sourcesAndQuestion}) and answers with the sentences that
 * match best.
 */
export async function startStandInModel(script: Script): Promise<StandInModel> {
  const usageOf = countUsage();
  const asked = new Map<string, number>();

  const answer = async (params: Params, response: ServerResponse, gone: AbortSignal) => {
    const { model } = params;
    const number = (asked.get(model) ?? 0) + 1;
    asked.set(model, number);
    const behaviours = script[model];
    const behaviour = behaviours?.[number - 1] ?? behaviours?.at(-1);
    if (behaviour?.hangs === true) return;
    await delay(behaviour?.millis ?? 0, undefined, { signal: gone });
    const status = behaviours === undefined ? 404 : behaviour?.status;
    if (status !== undefined) {
      sendError(response, status, `${model} is not available`);
      return;
    }
    const content = behaviour?.text ?? composeAnswer(lastMessageOf(params));
    const message = { role: 'assistant', content, refusal: null };
    sendJson(response, 200, {
      id: `chatcmpl-${model}-${number}`,
      object: 'chat.completion',
      created: Math.floor(Date.now() / 1000),
      model,
      choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
      usage: usageOf(promptOf(params), content),
    });
  };

  const server = createServer((request, response) => {
    const connection = new AbortController();
    response.on('close', () => connection.abort());
    text(request)
      .then((body) => answer(JSON.parse(body) as Params, response, connection.signal))
      .catch((error: unknown) => {
        if (!connection.signal.aborted) sendError(response, 500, String(error));
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close };
}

/** Writes a message that the stand-in and real models can answer: numbered sources, then the question. */
export function sourcesAndQuestion(sources: readonly string[], question: string): string {
  const numbered = sources.map((source, index) => `[${index + 1}] Source\n${source}`);
  return [...numbered, `Question: ${question}`].join('\n\n');
}

function lastMessageOf({ messages }: Params): string {
  const content = messages.at(-1)?.content;
  return typeof content === 'string' ? content : '';
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { error: { message, type: 'error', param: null, code: null } });
}
