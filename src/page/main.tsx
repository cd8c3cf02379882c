import { render } from 'preact';
import type { DiffPageData, PageData } from '../page-data.js';
import { DiffPage } from './diff-page.js';
import { follow } from './live.js';
import { LivePage } from './live-page.js';
import { Page } from './page.js';

const element = (id: string) => document.getElementById(id)!;
const data = JSON.parse(element('data').textContent) as PageData | DiffPageData;

if ('diff' in data) render(<DiffPage data={data} />, element('page'));
else if (data.about.live === true)
  follow(data, (live) => render(<LivePage {...live} />, element('page')));
else render(<Page data={data} />, element('page'));
