/** A Fastify service, without a change: `npx hotspan run -- node fastify/app.js`. */
import Fastify from 'fastify';
import { answer } from '../assistant.js';

const app = Fastify();
app.get('/health', () => 'ok');
app.post('/ask', async (request) => ({ answer: await answer(request.body.question) }));

const address = await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log(`Listening at ${address}`);
