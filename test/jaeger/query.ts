import { vi } from 'vitest';
import { plainSpans, type OtlpTraces, type PlainSpan } from './otlp.js';

/** What Jaeger's old API says of a span: its references, times in microseconds. */
export interface UiSpan {
  readonly spanID: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly startTime: number;
  readonly duration: number;
}

/** What a Jaeger answers. */
export interface JaegerQuery {
  services(): Promise<readonly string[]>;
  /** The names of a service's spans. */
  operations(service: string): Promise<readonly string[]>;
  /** All spans of a trace; none when Jaeger does not know it. */
  spans(traceId: string): Promise<readonly PlainSpan[]>;
  /** The spans of a trace as the UI gets them. */
  uiSpans(traceId: string): Promise<readonly UiSpan[]>;
  /** The ids of the traces that the UI lists for a service, with what is in its form besides. */
  search(service: string, form?: SearchForm): Promise<readonly string[]>;
  /** The names in one of the Monitor page's figures, with the latest value of each. */
  monitor(figure: string, parameters: Record<string, string>): Promise<Record<string, number>>;
}

/** The fields of the form on the search page. */
export interface SearchForm {
  readonly operation?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly minDuration?: string;
}

interface Operations {
  readonly operations?: readonly { readonly name: string }[];
}

interface Figures {
  readonly metrics: readonly {
    readonly labels: readonly { readonly name: string; readonly value: string }[];
    readonly metricPoints: readonly { readonly gaugeValue: { readonly doubleValue: number } }[];
  }[];
}

/** Reading is tried again until what was sent is there: Jaeger writes in batches. */
const PATIENCE = { timeout: 20_000, interval: 200 };

/** @param url where the UI is */
export function jaegerQuery(url: string): JaegerQuery {
  const get = async <T>(path: string, parameters: Record<string, string> = {}) => {
    const target = `${url}${path}?${new URLSearchParams(parameters).toString()}`;
    const response = await fetch(target, { signal: AbortSignal.timeout(10_000) });
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${target} answered ${response.status}`);
    return (await response.json()) as T;
  };
  return {
    services: async () => (await get<{ services?: string[] }>('/api/v3/services'))?.services ?? [],
    operations: async (service) => {
      const found = await get<Operations>('/api/v3/operations', { service });
      return (found?.operations ?? []).map(({ name }) => name);
    },
    spans: async (traceId) => {
      const found = await get<{ result: OtlpTraces }>(`/api/v3/traces/${traceId}`);
      return found === undefined ? [] : plainSpans(found.result);
    },
    uiSpans: async (traceId) => {
      const found = await get<{ data: { spans: UiSpan[] }[] }>(`/api/traces/${traceId}`);
      return found?.data[0]?.spans ?? [];
    },
    search: async (service, { tags, ...form } = {}) => {
      const found = await get<{ data: { traceID: string }[] }>('/api/traces', {
        service,
        ...form,
        ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
        limit: '1000',
      });
      return (found?.data ?? []).map(({ traceID }) => traceID);
    },
    monitor: async (figure, parameters) => {
      const found = await get<Figures>(`/api/metrics/${figure}`, parameters);
      const latest = (found?.metrics ?? []).map(({ labels, metricPoints }) => [
        labels.find(({ name }) => name === 'operation')?.value,
        metricPoints.at(-1)?.gaugeValue.doubleValue,
      ]);
      return Object.fromEntries(latest) as Record<string, number>;
    },
  };
}

/**
 * Reads the traces of these spans back until they are complete.
 *
 * @throws Error after 20 seconds, with what is missing
 */
export async function readBack(
  jaeger: JaegerQuery,
  sent: readonly PlainSpan[],
): Promise<PlainSpan[]> {
  const traceIds = [...new Set(sent.map(({ traceId }) => traceId))];
  return vi.waitFor(async () => {
    const read: PlainSpan[] = [];
    for (const traceId of traceIds) read.push(...(await jaeger.spans(traceId)));
    const found = new Set(read.map(({ spanId }) => spanId));
    const missing = sent.filter(({ spanId }) => !found.has(spanId)).map(({ name }) => name);
    if (missing.length > 0) {
      const names = [...new Set(missing)].slice(0, 5).join(', ');
      throw new Error(`Jaeger has not got ${missing.length} of ${sent.length} spans: ${names}`);
    }
    return read;
  }, PATIENCE);
}

/** Tries until it does not throw, for as long as Jaeger may take to show what it got. */
export function eventually<T>(check: () => Promise<T>): Promise<T> {
  return vi.waitFor(check, PATIENCE);
}
