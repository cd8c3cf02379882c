import { writeFileSync } from 'node:fs';
import { accuracyDocument, PAGE } from './document.js';

writeFileSync(PAGE, await accuracyDocument());
