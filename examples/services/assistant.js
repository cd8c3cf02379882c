/** What the examples do: find help pages, and have a model answer from them. Knows nothing of hotspan. */
import OpenAI from 'openai';

const openai = new OpenAI();

export async function search(question) {
  const address = `${process.env.HELP_PAGES_URL}/search?q=${encodeURIComponent(question)}`;
  const response = await fetch(address);
  return response.json();
}

export function complete(question, pages, options) {
  const system = `Answer from these pages.\n${pages.join('\n')}`;
  return openai.chat.completions.create(
    {
      model: 'gpt-4o-mini',
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: question },
      ],
    },
    options,
  );
}

export async function answer(question) {
  const completion = await complete(question, await search(question));
  return completion.choices[0].message.content;
}
