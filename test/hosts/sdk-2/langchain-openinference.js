import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import * as callbacks from '@langchain/core/callbacks/manager';
import { startTracing } from 'hotspan/node';

const tracing = startTracing({ serviceName: 'chains' });
new LangChainInstrumentation().manuallyInstrument(callbacks);

import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import { segment } from 'hotspan';
import { tell } from '../tell.js';
import { makeChain } from './chain.js';

await segment('answer', () => makeChain().invoke({ place: 'France' }));
// LangChain calls its handlers in the background.
await awaitAllCallbacks();
await tracing.shutdown();
tell(tracing.summary());
