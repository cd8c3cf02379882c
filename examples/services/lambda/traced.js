/** The function with hotspan in its code. */
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import { answer } from '../traced-assistant.js';

const tracing = startTracing({ serviceName: 'lambda', printSummary: true });

export async function handler(event) {
  try {
    return await segment('handle', async () => ({
      statusCode: 200,
      body: await answer(event.question),
    }));
  } finally {
    // Lambda freezes the process after the answer: what waits by then is sent with the next one, or never.
    await tracing.forceFlush();
  }
}
