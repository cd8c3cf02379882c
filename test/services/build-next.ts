import { execFileSync } from 'node:child_process';
import { services } from './run-example.js';

/** Next.js has to be built before it can be started. */
export default function setup(): void {
  for (const app of ['plain', 'traced']) {
    execFileSync('node_modules/.bin/next', ['build', `next/${app}`], {
      cwd: services,
      env: { PATH: process.env.PATH, NEXT_TELEMETRY_DISABLED: '1', OPENAI_API_KEY: 'not-needed' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}
