import picocolors from 'picocolors';

/** Whether stdout is a terminal that wants colours. Respects `NO_COLOR`. */
export function isTerminal(): boolean {
  return process.stdout.isTTY && picocolors.isColorSupported;
}
