import picocolors from 'picocolors';

/** Returns `true` if a stream, by default stdout, is a terminal that wants colours. Respects `NO_COLOR`. */
export function isTerminal(stream: NodeJS.WriteStream = process.stdout): boolean {
  return stream.isTTY && picocolors.isColorSupported;
}
