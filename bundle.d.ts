/** Returns what the bundlers of the build and of the tests have to define. */
export function endThread(): Promise<Record<string, string>>;
