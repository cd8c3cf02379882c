import { render } from 'preact';
import type { PageData } from '../page-data.js';
import { Page } from './page.js';

const element = (id: string) => document.getElementById(id)!;

render(<Page data={JSON.parse(element('data').textContent) as PageData} />, element('page'));
