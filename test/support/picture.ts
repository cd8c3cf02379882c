import type { SpanSketch } from './trace.js';

/**
 * Reads the spans of a picture. One line a span, one column a millisecond:
 *
 *     root  |----------|
 *     . a     |---|
 *     . . b    |-|
 *
 * The dots before the name say how deep the span is: it is a child of the last span above it that is
 * one dot less deep. It starts at its first bar and ends at its last; a single bar has no duration.
 */
export function picture(text: string): SpanSketch[] {
  const lines = text.split('\n').filter((line) => line.includes('|'));
  const left = Math.min(...lines.map((line) => line.indexOf('|')));
  const way: string[] = [];
  return lines.map((line) => {
    const [label = ''] = line.split('|', 1);
    const words = label.trim().split(/\s+/);
    const depth = words.filter((word) => word === '.').length;
    const id = words.at(-1) ?? '';
    way.length = depth;
    const parent = way.at(-1);
    way.push(id);
    return {
      id,
      ...(parent === undefined ? {} : { parent }),
      start: line.indexOf('|') - left,
      end: line.lastIndexOf('|') - left,
    };
  });
}
