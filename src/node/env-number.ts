/**
 * The whole number in a variable; undefined when it is not set, or holds none of at least `least`,
 * which is said.
 */
export function numberFrom(
  env: NodeJS.ProcessEnv,
  variable: string,
  least: number,
  log: (line: string) => void,
): number | undefined {
  const text = env[variable]?.trim() ?? '';
  if (text === '') return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  log(
    `hotspan: expected ${variable} to be a whole number of at least ${least}, got "${text}"; it is ignored.`,
  );
  return undefined;
}
