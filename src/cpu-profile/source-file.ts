const NODE_MODULES = 'node_modules/';
/** An address may be a whole document: `data:text/javascript,...`. */
const MAX_LENGTH = 200;

/**
 * Leaves out the directories that lead to a file: the path is relative to `base`, or begins with the last
 * `node_modules`, or is the last part alone.
 *
 * @param url a `file:` URL, a path, or `node:fs`
 */
export function sourceFile(url: string, base: string): string | undefined {
  if (url === '') return undefined;
  if (url.startsWith('node:')) return url.slice(0, MAX_LENGTH);
  // Addresses may hold code or credentials.
  if (/^(?!file:)[a-z][a-z+.-]+:/i.test(url)) return url.slice(0, url.indexOf(':') + 1);
  const path = slashes(decoded(url.replace(/^file:\/\//, '').replace(/[?#].*$/, '')));
  const inPackage = path.lastIndexOf(NODE_MODULES);
  if (inPackage >= 0) return path.slice(inPackage).slice(0, MAX_LENGTH);
  const root = `${slashes(base).replace(/\/+$/, '')}/`;
  const at = path.indexOf(root);
  // On Windows a URL has a slash before the drive.
  if (at === 0 || (at === 1 && path.startsWith('/'))) {
    return path.slice(at + root.length).slice(-MAX_LENGTH);
  }
  return path.slice(path.lastIndexOf('/') + 1).slice(0, MAX_LENGTH);
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
