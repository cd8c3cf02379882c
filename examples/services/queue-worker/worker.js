/** A worker that takes jobs from a queue, without a change: `npx hotspan run -- node queue-worker/worker.js`. */
import fastq from 'fastq';
import { answer } from '../assistant.js';

const QUESTIONS = ['Where is my refund?', 'When is my parcel here?', 'What does a return cost?'];

async function answerTicket(ticket) {
  console.log(`${ticket}\n  ${await answer(ticket)}`);
}

const queue = fastq.promise(answerTicket, 2);
await Promise.all(QUESTIONS.map((question) => queue.push(question)));
