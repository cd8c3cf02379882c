/** Longer strings are no ids of anything. */
const MAX_LENGTH = 64;

/** In lower-case hexadecimal; undefined when there is none, or only zeros. */
export const traceIdOf = (value: unknown) => idOf(value, 16);
export const spanIdOf = (value: unknown) => idOf(value, 8);

function idOf(value: unknown, bytes: number): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_LENGTH) return undefined;
  let id = value.toLowerCase();
  // Protobuf's own way to write bytes as JSON is base64.
  if (value.length === Math.ceil(bytes / 3) * 4 && value.endsWith('=')) {
    const decoded = Buffer.from(value, 'base64');
    if (decoded.length === bytes) id = decoded.toString('hex');
  }
  const isNone = id.startsWith('0') && id.endsWith('0') && /^0+$/.test(id);
  return isNone ? undefined : id;
}
