/** An Express service, without a change: `npx hotspan run -- node express/app.js`. */
import express from 'express';
import { answer } from '../assistant.js';

const app = express();
app.use(express.json());
app.get('/health', (_, response) => response.send('ok'));
app.post('/ask/:topic', async (request, response) => {
  response.json({ answer: await answer(`${request.params.topic}: ${request.body.question}`) });
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`Listening at http://127.0.0.1:${server.address().port}`);
});
