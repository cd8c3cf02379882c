import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const { DIST_DIR, EXTERNAL } = process.env;
const root = dirname(fileURLToPath(import.meta.url));
export default {
  distDir: DIST_DIR,
  turbopack: { root },
  ...(EXTERNAL ? { serverExternalPackages: ['hotspan'] } : {}),
};
