/** A trace for which the critical path in Jaeger's UI does not say what to make faster. */
export interface Shape {
  readonly title: string;
  readonly why: string;
  readonly picture: string;
}

/** One column is a millisecond; clocks are exact. */
export const TOUCHING: Shape = {
  title: 'Siblings that touch',
  why: 'Jaeger looks for siblings that ended strictly before `write` started. `model` ended at that very moment, so Jaeger skips it and charges nine tenths of the time to the request, which did nothing.',
  picture: `
request    |--------------------|
. model    |------------------|
. write                       |-|
`,
};

export const CHAIN: Shape = {
  title: 'A chain that touches',
  why: 'Jaeger loses every second step.',
  picture: `
request      |--------------------|
. plan       |----|
. search          |------|
. read                   |----|
. answer                      |---|
`,
};

export const PARALLEL: Shape = {
  title: 'Branches side by side',
  why: 'Both paths are right, but do not say what to make faster. Without `papers`, the request would wait for `web`. The saving shows what you can win.',
  picture: `
request      |-----------------------|
. web         |------------|
. papers      |--------------|
. answer                       |----|
`,
};

export const SHAPES: readonly Shape[] = [TOUCHING, CHAIN, PARALLEL];
