import { context, type Attributes, type Context, type Tracer } from '@opentelemetry/api';
import { fields, text, type Fields } from '../fields.js';
import type { Failure } from '../instrument/in-span.js';
import { CallsInside } from '../llm/calls-inside.js';
import { hideMessage } from '../llm/failed-call.js';
import * as semconv from '../semconv.js';
import { defined } from '../sums.js';
import { AiSdkCall } from './ai-sdk-call.js';
import { openSpan, type OpenSpan } from './open-span.js';
import { IS_TOLD } from './watched-request.js';

/** What the AI SDK tells of, from its start to its end. */
export interface AiSdkOperation {
  /** For what runs inside. */
  readonly context: Context;
  end(result: unknown, failure: Failure | undefined): void;
}

type Start = (event: Fields, tracer: Tracer | undefined) => AiSdkOperation | undefined;

/** By the type of the message. Others make no span. */
export const OPERATIONS: ReadonlyMap<unknown, Start> = new Map<unknown, Start>([
  ['generateText', agent('generateText')],
  ['streamText', agent('streamText')],
  ['step', step],
  ['executeTool', tool],
  ['languageModelCall', (event, tracer) => new AiSdkCall('chat', event, tracer)],
  ['embed', (event, tracer) => new AiSdkCall('embeddings', event, tracer)],
  ['embedMany', (event, tracer) => new AiSdkCall('embeddings', event, tracer)],
]);

/** Where another integration makes the spans. Those of embeddings are beside their requests, not around them. */
export const OPERATIONS_TRACED: ReadonlyMap<unknown, Start> = new Map<unknown, Start>([
  ['embed', toldElsewhere],
  ['embedMany', toldElsewhere],
]);

function toldElsewhere(): AiSdkOperation {
  return { context: context.active().setValue(IS_TOLD, true), end: () => undefined };
}

/** Inside an `llmCall` what happens is that call: spans in between would hide that. */
function agent(type: string): Start {
  return (event, tracer) => {
    if (CallsInside.around() !== undefined) return undefined;
    const functionId = text(event.functionId);
    const name = functionId === undefined ? type : `invoke_agent ${functionId}`;
    const attributes = defined({
      [semconv.GEN_AI_OPERATION_NAME]: 'invoke_agent',
      [semconv.GEN_AI_AGENT_NAME]: functionId,
    });
    return new InnerSpan(name, attributes, tracer);
  };
}

function step({ stepNumber }: Fields, tracer: Tracer | undefined): AiSdkOperation | undefined {
  if (CallsInside.around() !== undefined || typeof stepNumber !== 'number') return undefined;
  return new InnerSpan(`step ${stepNumber + 1}`, {}, tracer);
}

function tool({ toolCall }: Fields, tracer: Tracer | undefined): AiSdkOperation {
  const name = text(fields(toolCall).toolName) ?? 'tool';
  const attributes = {
    [semconv.GEN_AI_OPERATION_NAME]: 'execute_tool',
    [semconv.GEN_AI_TOOL_NAME]: name,
  };
  return new InnerSpan(`execute_tool ${name}`, attributes, tracer);
}

class InnerSpan implements AiSdkOperation {
  readonly #open: OpenSpan;

  constructor(name: string, attributes: Attributes, tracer: Tracer | undefined) {
    this.#open = openSpan(name, { attributes }, tracer);
  }

  get context(): Context {
    return this.#open.context;
  }

  end(result: unknown, failure: Failure | undefined): void {
    // A tool that fails is a result, too.
    const { type, error } = fields(fields(result).output);
    const failed = failure ?? (type === 'tool-error' ? { error } : undefined);
    if (failed !== undefined) hideMessage(failed.error);
    this.#open.end(failed);
  }
}
