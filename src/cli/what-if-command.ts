import { InvalidArgumentError, type Command } from 'commander';
import { whatIf } from '../readers/what-if.js';
import { addCommonOptions, choiceOf, printResult, type CommonOptions } from './command.js';
import { sayUnread } from './output.js';

interface WhatIfCommandOptions extends CommonOptions {
  readonly row: string;
  readonly factor: number;
}

const EXAMPLES = `  hotspan what-if traces.json --row rerank --factor 0.5
  hotspan what-if http://localhost:16686 --service shop --row 'chat gpt-4o'`;

export function addWhatIfCommand(program: Command): void {
  const command = program
    .command('what-if')
    .description('predict how much shorter traces would be if one row were faster')
    .argument('<source...>', 'files or addresses of traces')
    .requiredOption('--row <name>', 'the row, or service/name where several services have it')
    .option(
      '--factor <number>',
      "what to multiply the time of the row's own work by: 0.5 is twice as fast",
      factor,
      0,
    );
  addCommonOptions(command, EXAMPLES).action(predict);
}

function factor(text: string): number {
  const number = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('Expected a number of at least 0.');
}

async function predict(sources: string[], options: WhatIfCommandOptions): Promise<void> {
  const { row, factor } = options;
  const result = await whatIf(sources, { ...choiceOf(options), row, factor });
  sayUnread([result]);
  printResult(options, result);
}
