import { render } from 'preact';
import type { PageData } from '../page-data.js';
import { Page } from './page.js';
import { dataAndPlace } from './page-data-in.js';

const [data, place] = dataAndPlace<PageData>();
render(<Page data={data} />, place);
