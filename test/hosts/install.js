// Installs the packages of the folders here, or of those that are named. Ends with 1 and one line if npm's registry does not have them.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { here, packages } from './packages.js';

/** npm writes down what it installed after all else. */
function isInstalled(name) {
  const timeOf = (file) =>
    statSync(join(here, name, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return timeOf('node_modules/.package-lock.json') > timeOf('package-lock.json');
}

async function install(name) {
  const args = [
    'ci',
    '--prefix',
    join(here, name),
    '--engine-strict=false',
    '--no-audit',
    '--no-fund',
  ];
  const npm = spawn('npm', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  npm.stderr.on('data', (data) => (said += data));
  const [code] = await once(npm, 'close');
  const error = said.split('\n').find((line) => line.startsWith('npm error'));
  return code === 0 ? [] : [`test/hosts/${name}: ${error ?? `npm ended with ${code}`}`];
}

// Two at a time: npm itself makes many requests.
const named = process.argv.slice(2);
const wanted = packages.filter((name) => named.length === 0 || named.includes(name));
const waiting = wanted.filter((name) => !isInstalled(name));
const worker = async () => {
  const problems = [];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    problems.push(...(await install(name)));
  }
  return problems;
};
const problems = (await Promise.all([worker(), worker()])).flat();
if (problems.length > 0) {
  console.error(`The packages of the hosts could not be installed from npm. ${problems[0]}`);
  process.exitCode = 1;
}
