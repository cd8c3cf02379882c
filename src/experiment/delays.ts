interface Waiting {
  readonly timer: NodeJS.Timeout;
  readonly end: () => void;
}

/** The delays that run now. Their timers keep the process alive, as the work would that they stand for. */
export class Delays {
  readonly #waiting = new Set<Waiting>();

  /** Resolves after so many milliseconds, or at {@link stop}, with how many it was. */
  wait(millis: number): Promise<number> {
    const startMillis = performance.now();
    return new Promise((resolve) => {
      const end = () => {
        this.#waiting.delete(waiting);
        resolve(performance.now() - startMillis);
      };
      const waiting: Waiting = { timer: setTimeout(end, millis), end };
      this.#waiting.add(waiting);
    });
  }

  stop(): void {
    for (const { timer, end } of this.#waiting) {
      clearTimeout(timer);
      end();
    }
  }
}
