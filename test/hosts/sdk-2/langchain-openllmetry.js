import * as callbackManagerModule from '@langchain/core/callbacks/manager';
import { LangChainInstrumentation } from '@traceloop/instrumentation-langchain';
import { startTracing } from 'hotspan/node';

const tracing = startTracing({ serviceName: 'chains' });
new LangChainInstrumentation().manuallyInstrument({ callbackManagerModule });

import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import { segment } from 'hotspan';
import { tell } from '../tell.js';
import { makeChain } from './chain.js';

await segment('answer', () => makeChain().invoke({ place: 'France' }));
// LangChain calls its handlers in the background.
await awaitAllCallbacks();
await tracing.shutdown();
tell(tracing.summary());
