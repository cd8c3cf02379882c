/** The Fastify service with hotspan in its code: `node fastify/traced.js`. */
import Fastify from 'fastify';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import { answer } from '../traced-assistant.js';

startTracing({ serviceName: 'fastify-service', printSummary: true });

const app = Fastify();
app.get('/health', () => 'ok');
app.post('/ask', (request) =>
  segment('POST /ask', async () => ({ answer: await answer(request.body.question) })),
);

const address = await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log(`Listening at ${address}`);
