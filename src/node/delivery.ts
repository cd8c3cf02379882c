/** How the spans fared on their way to the receiver. */
export interface Delivery {
  /** Where they are sent; absent when they are not. */
  readonly endpoint?: string;
  /** Spans that the receiver took. */
  readonly delivered: number;
  /**
   * Spans that were sent and that the receiver did not take. Those that the full queue of the exporter
   * turned away (65,536 spans wait there at most) are not among them.
   */
  readonly failed: number;
  /** Why the last ones were lost; absent when they were not. */
  readonly reason?: string;
}
