import type { Delivery } from '../summary.js';

/** The account of a process that sends no spans. */
export const NOTHING_SENT: Delivery = { ended: 0, delivered: 0, dropped: 0, pending: 0 };
