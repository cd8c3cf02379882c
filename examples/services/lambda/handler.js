/** A function as AWS Lambda calls it. */
import { answer } from '../assistant.js';

export async function handler(event) {
  return { statusCode: 200, body: await answer(event.question) };
}
