/** What every peer's program gives: `bench/peers/<name>/main.js`, and those of the two sides in this folder. */

/** Where spans go. */
export type Destination =
  /** Nowhere: the exporter throws them away. */
  | { readonly kind: 'thrown away' }
  /** To a receiver on loopback. */
  | { readonly kind: 'receiver'; readonly endpoint: string };

/** A peer that has started. */
export interface Peer {
  /** Makes an async pair of an outer and an inner span, with three attributes each. */
  pair(): Promise<unknown>;
  /** Resolves when the receiver has taken all spans, or they are lost. */
  flush(): Promise<unknown>;
  /** How many spans its exporter threw away, where that can be counted. */
  exported?(): number;
}

/** A peer's module. */
export interface PeerModule {
  /**
   * Starts it as its documentation says, with the export on its defaults.
   *
   * @throws Error when it cannot send to such a destination
   */
  start(this: void, destination: Destination): Peer | Promise<Peer>;
}
