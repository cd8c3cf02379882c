/** The demo's agent under some load, for pictures: it answers its five questions side by side, 12 times. */
import { startTracing } from 'hotspan/node';
import OpenAI from 'openai';
import { answerQuestion } from '../examples/research-agent/agent.js';
import { openLibrary } from '../examples/research-agent/documents.js';
import { startOpenAiServer } from '../examples/research-agent/openai-server.js';
import { QUESTIONS } from '../examples/research-agent/run-demo.js';

const ROUNDS = 12;

const [library, server] = await Promise.all([openLibrary(), startOpenAiServer()]);
startTracing({ serviceName: 'research-agent', view: { port: 0 }, log: console.error });
const client = new OpenAI({ baseURL: server.url, apiKey: 'not-needed', maxRetries: 0 });
for (let round = 0; round < ROUNDS; round += 1) {
  // As in the demo, one that fails does not end it.
  await Promise.allSettled(
    QUESTIONS.map((question) => answerQuestion({ client, library }, question)),
  );
}
console.log('All questions were asked.');
// The page stays as long as who started it.
process.stdin.on('end', () => process.exit()).resume();
