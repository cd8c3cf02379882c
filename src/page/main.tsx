import { render } from 'preact';
import type { DiffPageData, PageData } from '../page-data.js';
import { DiffPage } from './diff-page.js';
import { Page } from './page.js';

const element = (id: string) => document.getElementById(id)!;
const data = JSON.parse(element('data').textContent) as PageData | DiffPageData;

render('diff' in data ? <DiffPage data={data} /> : <Page data={data} />, element('page'));
