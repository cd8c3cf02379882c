/** The weight of the newest request in the mean, and the most that it may be of that. */
const NEWEST = 0.05;
const MOST_OF_MEAN = 4;
/** Requests that take so many times as long as before the experiment end it. */
export const TOO_SLOW = 3;

/** How long requests take, lately. */
export class RequestTimes {
  count = 0;
  sumMillis = 0;
  meanMillis = 0;
  #meanBeforeMillis = Infinity;

  add(millis: number): void {
    this.count += 1;
    this.sumMillis += millis;
    const most = this.count === 1 ? millis : MOST_OF_MEAN * this.meanMillis;
    const weight = Math.max(NEWEST, 1 / this.count);
    this.meanMillis += (Math.min(millis, most) - this.meanMillis) * weight;
  }

  compareFromNowOn(): void {
    this.#meanBeforeMillis = this.meanMillis;
  }

  get areTooLong(): boolean {
    return this.meanMillis > TOO_SLOW * this.#meanBeforeMillis;
  }
}
