/** Has the prices at hand from the start, so that the first call of a model has its cost when it ends. */
import * as list from './price-list.js';
import { useBundled } from './price-table.js';

useBundled(list);
