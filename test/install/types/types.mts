// What one door gives, another takes.
import { runSteps, step, type TokenUsage } from 'hotspan';
import { startTracing, type Prices, type Tracing } from 'hotspan/node';
import { BottleneckSpanProcessor, setPrices } from 'hotspan/processor';
import { diffSummaries, mergeSummaries, toText, type Summary } from 'hotspan/report';

const usage: TokenUsage = { inputTokens: 1 };
const prices: Prices = (call) => call.inputTokens ?? usage.inputTokens;
const tracing: Tracing = startTracing({ prices });
setPrices(prices);

const before: Summary = tracing.summary();
const after: Summary = new BottleneckSpanProcessor().summary();
toText(mergeSummaries([before, after]));
diffSummaries(before, after);
toText(await runSteps('run', [step('one', () => 1)]));
