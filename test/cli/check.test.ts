import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toJson } from '../../src/report/printable-summary.js';
import { describe, expect, it } from 'vitest';
import { fixtureText } from '../readers/support.js';
import { summaryOf } from '../support/summary.js';
import { endOf, folderForTests, hotspan, startHotspan } from './support.js';

const folder = folderForTests();
const summary = summaryOf(
  { name: 'search', p95Seconds: 0.4 },
  { name: 'chat: a=b', costUsd: 0.03 },
);
const source = folder.write('summary.json', toJson(summary));

function check(...args: string[]) {
  return hotspan(['check', source, ...args]);
}

describe('hotspan check', () => {
  it('exits with 0 when all is within budget', () => {
    expect(check('--max', 'p95:search=0.4s', '--min', 'success-rate=100%')).toEqual({
      status: 0,
      stdout:
        '2 budgets kept · p95 of search is 400 ms, within 400 ms · ' +
        'success-rate is 100.0 %, within 100.0 %\n',
      stderr: '',
    });
  });

  it('exits with 1 and the line that broke', () => {
    expect(check('--max', 'p95=3s', '--max', 'p95:search=300ms')).toEqual({
      status: 1,
      stdout: 'broken: p95 of search is 400 ms, more than 300 ms\n',
      stderr: '',
    });
  });

  it('exits with 1 when it cannot be checked', () => {
    expect(check('--max', 'cost=0.05')).toEqual({
      status: 1,
      stdout: 'unknown: cost is not known, the limit is $0.050: no call has a known price\n',
      stderr: '',
    });
  });

  it('exits with 2 and what is near when there is no such segment', () => {
    expect(check('--max', 'p95:serch=300ms')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'hotspan: no segment "serch"; the nearest of 2: "search", "chat: a=b"\n',
    });
  });

  it('tells machines of every budget', () => {
    const { status, stdout } = check('--json', '--max', 'cost:chat: a=b=0.02', '--min', 'traces=1');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      kept: false,
      budgets: [
        {
          bound: 'max',
          figure: 'cost',
          segment: 'chat: a=b',
          unit: 'usd',
          limit: 0.02,
          outcome: 'broken',
          actual: 0.03,
        },
        { bound: 'min', figure: 'traces', unit: 'count', limit: 1, outcome: 'kept', actual: 2 },
      ],
    });
  });

  it('holds the time to the first token of one model', () => {
    const streamed = summaryOf({ name: 'chat gpt-4o', firstTokenP95Seconds: 0.8 });
    const file = folder.write('streamed.json', toJson(streamed));
    const checked = (limit: string) =>
      hotspan(['check', file, '--max', `first-token-p95:chat gpt-4o=${limit}`]);
    expect(checked('1s')).toMatchObject({ status: 0, stderr: '' });
    expect(checked('500ms')).toEqual({
      status: 1,
      stdout: 'broken: first-token-p95 of chat gpt-4o is 800 ms, more than 500 ms\n',
      stderr: '',
    });
  });

  it('makes a table for a job summary', () => {
    expect(check('--markdown', '--max', 'p95:search=1s').stdout).toContain(
      '| kept | p95 of `search` is 400 ms, within 1.00 s |\n',
    );
  });

  it('says on stderr what it could not look at', async () => {
    const jaeger = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://jaeger');
      response.end(
        pathname === '/api/v3/services'
          ? '{"services":["shop","mail"]}'
          : fixtureText('jaeger-v3-search.json'),
      );
    });
    await new Promise<void>((resolve) => jaeger.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(jaeger.address() as AddressInfo).port}`;
    try {
      const args = ['check', address, '--max', 'p95=1h', '--limit', '6'];
      expect(await endOf(startHotspan([...args, '--service', 'shop']))).toEqual({
        status: 0,
        stderr: `hotspan: ${address}: only the newest 6 traces were read (see \`limit\`): older ones may be missing\n`,
      });
      expect(await endOf(startHotspan(args))).toEqual({
        status: 2,
        stderr: `hotspan: ${address}: expected \`service\` to be one of those in it: mail, shop\n`,
      });
    } finally {
      jaeger.close();
    }
  });
});
