// With the AI SDK of version 5 or 6, as the argument says.
import { startTracing } from 'hotspan/node';
import { tell } from '../tell.js';
import { work } from './work.js';

const version = process.argv[2];
const { createOpenAI } = await import(`openai-${version}`);
const ai = await import(`ai-${version}`);

const tracing = startTracing({ serviceName: 'ai' });
await work(ai, createOpenAI, { experimental_telemetry: { isEnabled: true } });
await tracing.shutdown();
tell(tracing.summary());
