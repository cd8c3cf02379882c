/** The worker with hotspan in its code: `node queue-worker/traced.js`. */
import fastq from 'fastq';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import { answer } from '../traced-assistant.js';

startTracing({ serviceName: 'queue-worker', printSummary: true });

const QUESTIONS = ['Where is my refund?', 'When is my parcel here?', 'What does a return cost?'];

// Each job is a trace of its own: how long it took is the latency of `answer ticket`.
function answerTicket(ticket) {
  return segment('answer ticket', async () => {
    console.log(`${ticket}\n  ${await answer(ticket)}`);
  });
}

const queue = fastq.promise(answerTicket, 2);
await Promise.all(QUESTIONS.map((question) => queue.push(question)));
