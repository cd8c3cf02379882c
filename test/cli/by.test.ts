import type { Summary } from 'hotspan/report';
import { expect, it } from 'vitest';
import { otlp, otlpSpan } from '../readers/support.js';
import { folderForTests, hotspan } from './support.js';

const folder = folderForTests();
const told = (attributes: Record<string, string>) =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
const request = (id: string, session: string, millis: number) => [
  otlpSpan({ id: `${id}r`, trace: id, name: 'ask', start: 0, end: millis }),
  otlpSpan({
    ...{ id: `${id}w`, trace: id, parent: `${id}r`, name: 'chat', start: 0, end: millis / 2 },
    attributes: told({ 'session.id': session, 'app.secret': 'not asked for' }),
  }),
];
const spans = [
  ...request('1', 'ann', 100),
  ...request('2', 'ben', 300),
  ...request('3', 'ann', 50),
];
const source = folder.write('traces.json', JSON.stringify(otlp({ shop: spans })));

it('groups traces by an attribute of any of their spans', () => {
  const { stdout } = hotspan(['report', source, '--by', 'session.id']);
  const lines = stdout.split('\n').map((line) => line.trimEnd());
  const head = lines.findIndex((line) => line.startsWith(' session.id'));
  expect(lines.slice(head, head + 3)).toEqual(
    [
      ' session.id   Share  Critical   Total  Calls     p50     p95',
      ' ben         66.7 %    300 ms  300 ms      1  300 ms  300 ms',
      ' ann         33.3 %    150 ms  150 ms      2  50.0 ms  100 ms',
    ].map((line) => expect.stringMatching(line.trim().replace(/\s+/g, '\\s+')) as string),
  );
});

it('records no value that was not asked for', () => {
  expect(hotspan(['report', source, '--json']).stdout).not.toMatch(/ann|not asked/);
  const json = hotspan(['report', source, '--by', 'session', '--json']).stdout;
  expect(json).not.toContain('not asked');
  const [by] = (JSON.parse(json) as Summary).by!;
  expect(by!.values.map(({ value, calls }) => [value, calls])).toEqual([
    ['ben', 1],
    ['ann', 2],
  ]);
});

it('says in one line which attributes there are when no span has it', () => {
  const { status, stderr } = hotspan(['report', source, '--by', 'session.idd']);
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^hotspan: \S+traces\.json: no span has "session\.idd"; the nearest of 3: "session\.id", [^\n]+\n$/,
  );
});

it('checks a budget of each value, and names the one that breaks it', () => {
  const check = (budget: string) => hotspan(['check', source, '--max', budget]);
  expect(check('p95-by:session.id=1s').status).toBe(0);
  const { status, stdout } = check('p95-by:session.id=200ms');
  expect(status).toBe(1);
  expect(stdout).toBe('broken: p95-by of session.id (ben) is 300 ms, more than 200 ms\n');
});

it('takes a saved summary that is grouped by it, and no other', () => {
  const save = (name: string, args: string[]) =>
    folder.write(name, hotspan(['report', source, '--json', ...args]).stdout);
  const grouped = save('grouped.json', ['--by', 'session.id']);
  expect(hotspan(['report', grouped, '--by', 'session.id']).stdout).toContain(' ben ');
  const { status, stderr } = hotspan(['report', save('plain.json', []), '--by', 'session.id']);
  expect(status).toBe(2);
  expect(stderr).toContain('expected traces to group by "session.id", but it is a saved summary');
});

it('tells in one line that an attribute needs a name', () => {
  const { status, stderr } = hotspan(['report', source, '--by', '']);
  expect(status).toBe(2);
  expect(stderr.trim()).toBe(
    "hotspan: option '--by <attribute>' argument '' is invalid. Expected a name. (see hotspan report --help)",
  );
});
