import { SpanKind, type Attributes } from '@opentelemetry/api';
import { llmCall, segment } from 'hotspan';
import type OpenAI from 'openai';
import { sourcesAndQuestion } from '../stand-in-model.js';

/** The model of an agent, and how to stop it. */
export interface AgentContext {
  readonly client: OpenAI;
  readonly model: string;
  /** Aborts when the agent should stop. */
  readonly signal: AbortSignal;
}

/** Returns the attributes of an agent's span, as the GenAI conventions define them. */
export function agentAttributes(name: string): Attributes {
  return {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': name,
    'gen_ai.provider.name': 'openai',
  };
}

/** Runs an agent in this process. */
export function invokeAgent<T>(name: string, fn: () => Promise<T>): Promise<T> {
  return segment(`invoke_agent ${name}`, { attributes: agentAttributes(name) }, fn);
}

/** Runs an agent in another process. `fn` calls it. */
export function invokeRemoteAgent<T>(name: string, at: URL, fn: () => Promise<T>): Promise<T> {
  const attributes = {
    ...agentAttributes(name),
    'server.address': at.hostname,
    'server.port': Number(at.port),
  };
  return segment(`invoke_agent ${name}`, { kind: SpanKind.CLIENT, attributes }, fn);
}

/** Runs a tool. */
export function executeTool<T>(name: string, fn: () => Promise<T>): Promise<T> {
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'gen_ai.tool.type': 'function',
  };
  return segment(`execute_tool ${name}`, { attributes }, fn);
}

/** Asks the model to answer a question from sources, in one attempt. */
export async function answerFrom(
  agent: AgentContext,
  task: string,
  sources: readonly string[],
  question: string,
): Promise<string> {
  const { client, model, signal: agentSignal } = agent;
  const options = { provider: 'openai', model, signal: agentSignal };
  const completion = await llmCall(options, ({ signal }) =>
    client.chat.completions.create(
      {
        model,
        messages: [
          { role: 'system', content: task },
          { role: 'user', content: sourcesAndQuestion(sources, question) },
        ],
      },
      { signal },
    ),
  );
  // The next agent has other sources, so their numbers would mislead it.
  return (completion.choices[0]?.message.content ?? '').replace(/ \[\d+\]/g, '');
}
