import { render } from 'preact';
import type { PageData } from '../page-data.js';
import { follow } from './live.js';
import { LivePage } from './live-page.js';
import { dataAndPlace } from './page-data-in.js';

const [data, place] = dataAndPlace<PageData>();
follow(data, (live) => render(<LivePage {...live} />, place));
