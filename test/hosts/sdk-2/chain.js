import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnableLambda } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';

// A prompt, a call of a model, a parser, and a tool.
export function makeChain() {
  const shout = tool((text) => text.toUpperCase(), { name: 'shout', description: 'Shouts.' });
  return ChatPromptTemplate.fromTemplate('The capital of {place}?')
    .pipe(new ChatOpenAI({ model: 'gpt-4o', maxRetries: 0 }))
    .pipe(new StringOutputParser())
    .pipe(RunnableLambda.from((text) => shout.invoke(text)));
}
