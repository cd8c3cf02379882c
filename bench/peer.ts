/** What each peer's program exports: `bench/peers/<name>/main.js` and the two sides in this folder. */

/** Where a peer sends its spans. */
export type Destination =
  /** Nowhere. The exporter discards them. */
  | { readonly kind: 'thrown away' }
  /** To a receiver on loopback. */
  | { readonly kind: 'receiver'; readonly endpoint: string };

/** A peer that has started. */
export interface Peer {
  /** Makes an async pair of an outer and an inner span, with three attributes each. */
  pair(): Promise<unknown>;
  /** Resolves when the receiver has taken all spans or they are lost. */
  flush(): Promise<unknown>;
  /** How many spans its exporter discarded, if that can be counted. */
  exported?(): number;
}

/** A peer's module. */
export interface PeerModule {
  /**
   * Starts it as its documentation says, with the default export.
   *
   * @throws Error if it cannot send to such a destination
   */
  start(this: void, destination: Destination): Peer | Promise<Peer>;
}
