import { OpenTelemetry } from '@ai-sdk/otel';
import * as ai from 'ai';
import { startTracing } from 'hotspan/node';

const tracing = startTracing({ serviceName: 'ai' });
ai.registerTelemetry(new OpenTelemetry());

import { createOpenAI } from 'openai-7';
import { tell } from '../tell.js';
import { work } from './work.js';

await work(ai, createOpenAI, {});
await tracing.shutdown();
tell(tracing.summary());
