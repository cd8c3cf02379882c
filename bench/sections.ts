import { eventLoopSection } from './event-loop.js';
import { llmCallSection } from './llm-call.js';
import { memorySection } from './memory.js';
import { processorSection } from './processor.js';
import type { Section } from './section.js';
import { segmentSection } from './segment.js';

/** All sections, in the order of the document. */
export const SECTIONS: readonly Section[] = [
  segmentSection,
  llmCallSection,
  processorSection,
  memorySection,
  eventLoopSection,
];
