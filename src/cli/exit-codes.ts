/** A budget was broken, or could not be checked. */
export const BUDGET_BROKEN = 1;
/** Bad input or wrong usage: one line on stderr says what was expected. */
export const BAD_INPUT = 2;
/** What a shell reports of a program that was stopped with Ctrl-C. */
export const INTERRUPTED = 130;
