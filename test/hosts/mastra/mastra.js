import { createOpenAI } from '@ai-sdk/openai';
import { Mastra } from '@mastra/core';
import { Agent } from '@mastra/core/agent';
import { Observability } from '@mastra/observability';
import { OtelBridge } from '@mastra/otel-bridge';
import { startTracing } from 'hotspan/node';

const tracing = startTracing({ serviceName: 'agents' });
const observability = new Observability({
  configs: { default: { serviceName: 'agents', bridge: new OtelBridge() } },
});

import { segment } from 'hotspan';
import { tell } from '../tell.js';

const model = createOpenAI().chat('gpt-4o');
const guide = new Agent({ id: 'guide', name: 'guide', instructions: 'Help.', model });
const mastra = new Mastra({ agents: { guide }, logger: false, observability });
await segment('answer', () => mastra.getAgent('guide').generate('Where?'));
await tracing.shutdown();
tell(tracing.summary());
process.exit();
