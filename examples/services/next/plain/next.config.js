import { join } from 'node:path';

/** What the examples share is above this folder. */
export default { turbopack: { root: join(import.meta.dirname, '../..') } };
