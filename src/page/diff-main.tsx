import { render } from 'preact';
import type { DiffPageData } from '../page-data.js';
import { DiffPage } from './diff-page.js';
import { dataAndPlace } from './page-data-in.js';

const [data, place] = dataAndPlace<DiffPageData>();
render(<DiffPage data={data} />, place);
