import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

const HOW = 'HOTSPAN_FLEET=$(test/fleet/install.sh) npm run test:fleet';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder that test/fleet/install.sh has filled. */
    parts: string;
  }
}

/** Ends the run when `HOTSPAN_FLEET` does not name the parts. */
export default function setup(project: TestProject): void {
  const parts = process.env.HOTSPAN_FLEET ?? '';
  if (!existsSync(`${parts}/venv.whole`)) {
    console.error(`No parts of a fleet in HOTSPAN_FLEET. Have them built:\n${HOW}`);
    process.exit(1);
  }
  project.provide('parts', parts);
}
