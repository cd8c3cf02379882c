/** Random numbers that are the same in every run. */
export interface Random {
  /** Between 0 and 1, both excluded. */
  uniform(): number;
  /** Around `median`, the logarithm normal with standard deviation `sigma`. */
  lognormal(median: number, sigma: number): number;
  /** True with this probability. */
  happens(probability: number): boolean;
}

/** The generator of Lehmer, with the multiplier of Park and Miller. */
export function seededRandom(seed: number): Random {
  let state = seed;
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    lognormal: (median, sigma) => median * Math.exp(sigma * normal()),
    happens: (probability) => uniform() < probability,
  };
}
