/** How the spans fared on their way to the receiver. */
export interface Delivery {
  /** Where they are sent; absent when they are not. */
  readonly endpoint?: string;
  /** Spans that the receiver took. */
  readonly delivered: number;
  /** Spans that were lost on the way. */
  readonly failed: number;
  /** Why the last ones were lost; absent when they were not. */
  readonly reason?: string;
}
