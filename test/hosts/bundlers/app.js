import { llmCall, segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import { BottleneckSpanProcessor } from 'hotspan/processor';
import { toText } from 'hotspan/report';

function burn(millis) {
  const { performance } = globalThis;
  const end = performance.now() + millis;
  let sum = 0;
  while (performance.now() < end) {
    for (let i = 0; i < 10_000; i += 1) sum += Math.sqrt(i);
  }
  return sum;
}

function prepare() {
  return segment('inner', () => burn(150));
}

function work() {
  return segment('outer', async () => {
    prepare();
    await llmCall({ provider: 'openai', model: 'gpt-4o' }, async () => {
      await null;
      burn(50);
      return { usage: { prompt_tokens: 1_000, completion_tokens: 100 } };
    });
  });
}

async function main([directory, how]) {
  const tracing = startTracing({ serviceName: 'bundled', cpuProfile: { directory } });
  // On a busy machine the profiler may begin late.
  const sampled = () => tracing.summary().cpuProfiles.find(({ segment }) => segment === 'inner');
  do await work();
  while (sampled().samples < 50);
  const summary = tracing.summary();
  if (!toText(summary).includes('chat gpt-4o')) throw new Error('no text');
  if (new BottleneckSpanProcessor().summary().traces.analyzed > 0) throw new Error('not its own');
  console.log(JSON.stringify({ summary }));
  if (how === 'exit') process.exit();
  await tracing.shutdown();
}

main(process.argv.slice(2));
