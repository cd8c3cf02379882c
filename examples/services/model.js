/**
 * Stands in for OpenAI, and for the help pages that the examples search: `npm run model` prints the
 * variables to start an example with.
 */
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const PAGES = [
  'Refunds take five days.',
  'Parcels leave on weekdays.',
  'Returns are free of charge.',
];

/** Answers in text, or first asks for the tool if there is one. */
function answer({ model, messages, tools }) {
  const wantsTool = tools !== undefined && messages.every(({ role }) => role !== 'tool');
  const call = { name: tools?.[0].function.name, arguments: '{"query":"refund"}' };
  const said = wantsTool
    ? { content: null, tool_calls: [{ id: 'call_1', type: 'function', function: call }] }
    : { content: PAGES[0] };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', refusal: null, ...said },
        finish_reason: wantsTool ? 'tool_calls' : 'stop',
        logprobs: null,
      },
    ],
    usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
  };
}

/** Starts the server. Returns the variables that lead an example to it. */
async function startModel(port) {
  let asked = 0;
  const server = createServer(async (request, response) => {
    const isSearch = request.url.startsWith('/search');
    const body = isSearch ? undefined : await json(request);
    await delay(isSearch ? 20 : 300);
    // The client tries the second request again.
    const isTooMuch = !isSearch && ++asked === 2;
    response.writeHead(isTooMuch ? 429 : 200, {
      'content-type': 'application/json',
      ...(isTooMuch ? { 'retry-after-ms': '50' } : {}),
    });
    if (isTooMuch) response.end('{"error":{"message":"Slow down"}}');
    else response.end(JSON.stringify(isSearch ? PAGES : answer(body)));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}`;
  return {
    HELP_PAGES_URL: address,
    OPENAI_BASE_URL: `${address}/v1`,
    OPENAI_API_KEY: 'not-needed',
  };
}

const variables = await startModel(Number(process.argv[2] ?? 4010));
for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${value}`);
