import { fileURLToPath } from 'node:url';

/** What the examples share is above this folder. */
export default { turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) } };
