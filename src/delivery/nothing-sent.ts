import type { SpanDelivery } from '../summary.js';

/**
 * How the spans fared on their way to the receiver. At any time `ended`, the sampled spans that ended,
 * is the sum of `delivered`, `dropped` and `pending`.
 */
export type Delivery = SpanDelivery;

/** Of a process that sends no spans. */
export const NOTHING_SENT: Delivery = { ended: 0, delivered: 0, dropped: 0, pending: 0 };
