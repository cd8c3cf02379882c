import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapMegabytes(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/**
 * By how many megabytes the heap grows over `rounds` calls of `work`, after as many to warm up. What
 * is still there after a full garbage collection counts.
 */
export async function heapGrowth(
  rounds: number,
  work: () => void | Promise<void>,
): Promise<number> {
  for (let round = 0; round < rounds; round += 1) await work();
  const before = heapMegabytes();
  for (let round = 0; round < rounds; round += 1) await work();
  return heapMegabytes() - before;
}
