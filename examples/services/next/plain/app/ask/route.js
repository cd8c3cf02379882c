/** A route of Next.js, without a change: `next build`, then `npx hotspan run -- next start`. */
import { answer } from '../../../../assistant.js';

export async function POST(request) {
  const { question } = await request.json();
  return Response.json({ answer: await answer(question) });
}
