const widths = new Map<string, number>();
let context: CanvasRenderingContext2D | null | undefined;

/** The width of a text in CSS pixels, in one of the page's fonts. */
export function textWidth(text: string, size: number, family: 'mono' | 'sans'): number {
  const key = `${family}${size} ${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    context ??= document.createElement('canvas').getContext('2d');
    if (context === null) return text.length * size * 0.6;
    const fonts = getComputedStyle(document.documentElement).getPropertyValue(`--${family}`);
    context.font = `${size}px ${fonts}`;
    width = context.measureText(text).width;
    // A live page meets ever new texts.
    if (widths.size > 5000) widths.clear();
    widths.set(key, width);
  }
  return width;
}

/** The first text that there is room for; none if there is not. */
export function firstFitting(
  texts: readonly string[],
  room: number,
  size: number,
  family: 'mono' | 'sans' = 'sans',
): string {
  return texts.find((text) => textWidth(text, size, family) <= room) ?? '';
}

/** A name that fits: whole, or shortened in its middle, since names may differ at their end. */
export function fitted(name: string, room: number, size: number): string {
  if (textWidth(name, size, 'mono') <= room) return name;
  const count = Math.floor(room / textWidth('m', size, 'mono'));
  if (count < 4) return '';
  const characters = Array.from(name);
  const half = Math.floor((count - 1) / 2);
  const text = `${characters.slice(0, count - 1 - half).join('')}…${characters.slice(-half).join('')}`;
  return textWidth(text, size, 'mono') <= room + 1
    ? text
    : `${characters.slice(0, half).join('')}…`;
}
