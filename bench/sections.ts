import { eventLoopSection } from './event-loop.js';
import { memorySection } from './memory.js';
import { processorSection } from './processor.js';
import type { Section } from './section.js';
import { segmentSection } from './segment.js';

/** All sections, in the order of the document. */
export const SECTIONS: readonly Section[] = [
  segmentSection,
  processorSection,
  memorySection,
  eventLoopSection,
];
