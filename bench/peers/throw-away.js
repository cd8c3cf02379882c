let exported = 0;

/** An exporter that throws away what it gets. */
export function throwAway() {
  return {
    export: (spans, done) => {
      exported += spans.length;
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
    forceFlush: () => Promise.resolve(),
  };
}

/** How many spans were thrown away. */
export function thrownAway() {
  return exported;
}
