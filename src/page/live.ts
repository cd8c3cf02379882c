import type { PageData } from '../page-data.js';

/** What a page shows that follows a program. */
export interface Live {
  readonly data: PageData;
  /** `lost` while the server does not answer; `ended` when it has said that nothing follows. */
  readonly state: 'live' | 'lost' | 'ended';
  /** When the data came. */
  readonly updated: Date;
}

/** Shows what the server says, until it says that it is over. The browser connects again by itself. */
export function follow(first: PageData, show: (live: Live) => void): void {
  let live: Live = { data: first, state: 'live', updated: new Date(first.summary.generatedAt) };
  const change = (changes: Partial<Live>) => show((live = { ...live, ...changes }));
  const events = new EventSource('/events');
  events.addEventListener('page', ({ data }: MessageEvent<string>) =>
    change({ data: JSON.parse(data) as PageData, state: 'live', updated: new Date() }),
  );
  events.addEventListener('open', () => change({ state: 'live' }));
  events.addEventListener('error', () => change({ state: 'lost' }));
  events.addEventListener('end', () => {
    events.close();
    change({ state: 'ended' });
  });
  show(live);
}
