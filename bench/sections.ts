import { eventLoopSection } from './event-loop.js';
import { importsSection } from './imports.js';
import { installedSizeSection } from './installed-size.js';
import { llmCallSection } from './llm-call.js';
import { memorySection } from './memory.js';
import { peersSection } from './peers.js';
import { processorSection } from './processor.js';
import { readingSection } from './reading.js';
import type { Section } from './section.js';
import { segmentSection } from './segment.js';
import { startUpSection } from './start-up.js';

/** All sections, in the order of the document. */
export const SECTIONS: readonly Section[] = [
  segmentSection,
  llmCallSection,
  processorSection,
  startUpSection,
  importsSection,
  memorySection,
  eventLoopSection,
  readingSection,
  installedSizeSection,
  peersSection,
];
