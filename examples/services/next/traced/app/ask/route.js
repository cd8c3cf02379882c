import { answer } from '../../../../traced-assistant.js';

export async function POST(request) {
  const { question } = await request.json();
  return Response.json({ answer: await answer(question) });
}
