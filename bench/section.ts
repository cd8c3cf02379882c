/** The sections of the bench. */

/** The settings of a run. */
export interface Settings {
  /** Runs few rounds, to test the bench itself. */
  readonly isQuick: boolean;
}

/** A goal, and what was measured. */
export interface Goal {
  /** What is measured, as shown in the table of goals. */
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** The findings of a section. */
export interface Findings {
  /** Markdown, without a heading. */
  readonly text: string;
  readonly goals: readonly Goal[];
}

/** A part of the bench that can run alone. */
export interface Section {
  /** Its name on the command line. */
  readonly name: string;
  /** Its heading in the document. */
  readonly title: string;
  /** The text above its tables: what is measured, and how. */
  readonly about: string;
  run(settings: Settings): Promise<Findings>;
}

/** Returns a goal that a figure must not exceed. */
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
