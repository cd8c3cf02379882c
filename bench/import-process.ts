/** Imports one module in this process and prints how long that took: `node import-process.js NAME`. */
import type { Cost } from './imports.js';

const [name = ''] = process.argv.slice(2);
const begin = performance.now();
const before = process.cpuUsage();
await import(name);
const { user, system } = process.cpuUsage(before);
const cost: Cost = { wallMillis: performance.now() - begin, cpuMillis: (user + system) / 1e3 };
console.log(JSON.stringify(cost));
