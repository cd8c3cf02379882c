/** A trace on which the critical path of Jaeger's UI does not say what to make faster. */
export interface Shape {
  readonly title: string;
  readonly why: string;
  readonly picture: string;
}

/** Both were traced with exact clocks; a column is a millisecond. */
export const TOUCHING: Shape = {
  title: 'Siblings that touch',
  why: 'The walk looks for siblings that ended strictly before `write` started. `model` ended just then, so it is not found, and nine tenths of the time are charged to the request, which did nothing.',
  picture: `
request    |--------------------|
. model    |------------------|
. write                       |-|
`,
};

export const CHAIN: Shape = {
  title: 'A chain that touches',
  why: 'Every second step is lost.',
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
  why: 'The path is right, and still no advice: with `papers` gone the request would have waited for `web`. What there is to win is in the column of the saving.',
  picture: `
request      |-----------------------|
. web         |------------|
. papers      |--------------|
. answer                       |----|
`,
};

export const SHAPES: readonly Shape[] = [TOUCHING, CHAIN, PARALLEL];
