/** Sums of numbers in pairs, and of their squares and products. */
export class Pairs {
  count = 0;
  #a = 0;
  #b = 0;
  #aa = 0;
  #bb = 0;
  #ab = 0;

  add(a: number, b: number): void {
    this.count += 1;
    this.#a += a;
    this.#b += b;
    this.#aa += a * a;
    this.#bb += b * b;
    this.#ab += a * b;
  }

  merge(other: Pairs): void {
    this.count += other.count;
    this.#a += other.#a;
    this.#b += other.#b;
    this.#aa += other.#aa;
    this.#bb += other.#bb;
    this.#ab += other.#ab;
  }

  meanA(): number {
    return this.#a / this.count;
  }

  meanB(): number {
    return this.#b / this.count;
  }

  varianceA(): number {
    return Math.max(0, this.#aa / this.count - this.meanA() ** 2);
  }

  varianceB(): number {
    return Math.max(0, this.#bb / this.count - (this.#b / this.count) ** 2);
  }

  correlation(): number {
    const covariance = this.#ab / this.count - (this.#a * this.#b) / this.count ** 2;
    return covariance / Math.sqrt(this.varianceA() * this.varianceB() || 1);
  }
}

/** The standard deviation as a share of the mean. */
export function variationOf(pairs: Pairs): number {
  return Math.sqrt(pairs.varianceA()) / pairs.meanA();
}
