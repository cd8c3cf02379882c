import { useLayoutEffect, useState } from 'preact/hooks';

/** The width of an element in CSS pixels, kept up to date; 0 before it is known. */
export function useWidth(element: { readonly current: Element | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    setWidth(current.clientWidth);
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Changes whenever the colours of the page do: a canvas has to be drawn again then. */
export function useColors(): string {
  const queries = ['(prefers-color-scheme: dark)', 'print'].map((query) => matchMedia(query));
  const now = queries.map(({ matches }) => matches).join();
  const [colors, setColors] = useState(now);
  useLayoutEffect(() => {
    const onChange = () => setColors(queries.map(({ matches }) => matches).join());
    for (const query of queries) query.addEventListener('change', onChange);
    return () => {
      for (const query of queries) query.removeEventListener('change', onChange);
    };
  }, []);
  return colors;
}

export function isStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
