/** What a section of the bench is given, and what it gives. */

/** How thorough a run is. */
export interface Settings {
  /** Few rounds: to see that it works, not what it says. */
  readonly isQuick: boolean;
}

/** One goal, and what was measured. */
export interface Goal {
  /** What is measured, as the table of goals has it. */
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** What a section found. */
export interface Findings {
  /** Markdown, without a heading. */
  readonly text: string;
  readonly goals: readonly Goal[];
}

/** A part of the bench that can be run alone. */
export interface Section {
  /** What it is called on the command line. */
  readonly name: string;
  /** Its heading in the document. */
  readonly title: string;
  /** What stands above its tables: what was done. */
  readonly about: string;
  run(settings: Settings): Promise<Findings>;
}

/** A goal that a figure must not exceed. */
export function atMost(
  what: string,
  limit: number,
  measured: number,
  write: (figure: number) => string,
): Goal {
  return {
    what,
    goal: `≤ ${write(limit)}`,
    measured: write(measured),
    isMet: measured <= limit,
  };
}
