import { withoutSecrets } from '../secrets.js';

export function failed(reason: string, cause?: unknown): Error {
  return new Error(`refreshPrices: ${reason}`, { cause });
}

/** Returns the text at an address, within a time limit. */
export type Fetching = (url: string, timeoutMillis: number) => Promise<string>;

/** Reads JSON from an address or a file. */
export async function fetchTable(
  url: string,
  timeoutMillis: number,
  fetching: Fetching,
): Promise<unknown> {
  try {
    if (/^https?:/.test(url)) return JSON.parse(await fetching(url, timeoutMillis));
    const { readFile } = await import('node:fs/promises');
    return JSON.parse(await readFile(url.startsWith('file:') ? new URL(url) : url, 'utf8'));
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw failed(`no price table from ${withoutSecrets(url)}: ${withoutSecrets(reason)}`, error);
  }
}

export const fetchText: Fetching = async (url, timeoutMillis) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMillis) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
};

/** Does not keep the process alive, as `fetch` would. */
export const fetchInBackground: Fetching = async (url, timeoutMillis) => {
  const { get } = await (url.startsWith('https:') ? import('node:https') : import('node:http'));
  const { text } = await import('node:stream/consumers');
  return new Promise((resolve, reject) => {
    const options = { agent: false, signal: AbortSignal.timeout(timeoutMillis) } as const;
    const request = get(url, options, (response) => {
      if (response.statusCode === 200) text(response).then(resolve, reject);
      else request.destroy(new Error(`status ${response.statusCode ?? 0}`));
    });
    request.on('socket', (socket) => socket.unref()).on('error', reject);
  });
};
