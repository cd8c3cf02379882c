import { useEffect, useRef, useState } from 'preact/hooks';
import type { DrawnTrace, ListedTrace, NewestList } from '../page-data.js';

const NONE: NewestList = { first: 1, last: 0, traces: [] };

/** Returns what is known of the newest traces, with those that came since. */
export function withNewer(known: NewestList, newer: NewestList): NewestList {
  const { first, last } = newer;
  // A server that began anew counts from 1 again.
  const older = last < known.last ? [] : known.traces;
  const traces = [...newer.traces, ...older];
  return { first, last, traces: traces.filter(({ at }) => at >= first) };
}

/** Returns the newest traces, the newest first, and asks the server for more when there are some. */
export function useNewest(newest: number): readonly ListedTrace[] {
  const [list, setList] = useState(NONE);
  const [failures, setFailures] = useState(0);
  const isAsking = useRef(false);
  useEffect(() => {
    if (newest === list.last || isAsking.current) return;
    isAsking.current = true;
    const after = newest < list.last ? 0 : list.last;
    fetchJson<NewestList>(`/traces.json?after=${after}`)
      .finally(() => (isAsking.current = false))
      .then(
        (newer) => setList(withNewer(list, newer)),
        // The next update asks again; this draws nothing but lets it.
        () => setFailures(failures + 1),
      );
  }, [newest, list]);
  return list.traces;
}

/** A trace that is fetched: until it is there it is undefined, and a text where it cannot be had. */
export function useTrace({ traceId, at }: ListedTrace): DrawnTrace | string | undefined {
  const [found, setFound] = useState<DrawnTrace | string>();
  useEffect(() => {
    fetchJson<DrawnTrace>(`/trace.json?id=${encodeURIComponent(traceId)}&at=${at}`).then(
      setFound,
      (error: unknown) => setFound((error as Error).message),
    );
  }, [at]);
  return found;
}

async function fetchJson<T>(path: string): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path);
  } catch {
    throw new Error('The program has ended, or does not answer.');
  }
  if (response.ok) return (await response.json()) as T;
  throw new Error(
    response.status === 404 ? 'Its spans are not kept any more.' : `status ${response.status}`,
  );
}
