/** The Express service with hotspan in its code: `node express/traced.js`. */
import express from 'express';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import { answer } from '../traced-assistant.js';

startTracing({ serviceName: 'express-service', printSummary: true });

const app = express();
app.use(express.json());
app.get('/health', (_, response) => response.send('ok'));
app.post('/ask/:topic', (request, response) =>
  segment('POST /ask/:topic', async () => {
    response.json({ answer: await answer(`${request.params.topic}: ${request.body.question}`) });
  }),
);

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`Listening at http://127.0.0.1:${server.address().port}`);
});
