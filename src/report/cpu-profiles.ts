import type { FunctionTime, SegmentCpuProfile } from '../summary.js';
import type { Summary } from '../summary.js';
import { FOR_MARKDOWN, FOR_TERMINAL, type Escape } from './escape.js';
import { formatSeconds, formatShare, plural } from '../format.js';
import { drawMarkdownTable } from './markdown-table.js';
import { rowName } from './row-name.js';
import { drawTable, type Column } from './table.js';

const MAX_SEGMENTS = 5;
const MAX_FUNCTIONS = 5;
const MAX_WIDTH = 60;

/** The profile of one segment, to be drawn. */
interface Section {
  readonly title: string;
  readonly functions: readonly FunctionTime[];
}

/**
 * What ran inside the profiled segments, as lines below the ranking: of those with the most time, the
 * functions with the most self time.
 *
 * @param color whether a terminal's codes may be used
 */
export function cpuProfileLines(summary: Summary, color: boolean): string[] {
  const { sections, more } = sectionsOf(summary, FOR_TERMINAL);
  const columns = columnsFor(FOR_TERMINAL);
  const indented = (text: string) => text.split('\n').map((line) => `  ${line}`);
  return [
    ...sections.flatMap(({ title, functions }) => [
      '',
      `  ${title}`,
      ...indented(drawTable(columns, functions, color)),
    ]),
    ...more.flatMap((text) => ['', `  ${text}`]),
  ];
}

/** The same as paragraphs of Markdown. */
export function cpuProfilesMarkdown(summary: Summary): string[] {
  const { sections, more } = sectionsOf(summary, FOR_MARKDOWN);
  const columns = columnsFor(FOR_MARKDOWN);
  if (sections.length === 0) return [];
  return [
    '#### CPU profiles',
    ...sections.flatMap(({ title, functions }) => [title, drawMarkdownTable(columns, functions)]),
    ...more,
  ];
}

function sectionsOf({ cpuProfiles = [], services }: Summary, escape: Escape) {
  const found = cpuProfiles.filter(({ samples }) => samples > 0);
  const sections = found.slice(0, MAX_SEGMENTS).map((profile): Section => ({
    title: titleOf(profile, services.length > 1, escape),
    functions: profile.functions.slice(0, MAX_FUNCTIONS),
  }));
  const more = found.length - sections.length;
  return {
    sections,
    more: more > 0 ? [`${plural(more, 'more segment')} with a CPU profile`] : [],
  };
}

function titleOf(profile: SegmentCpuProfile, several: boolean, escape: Escape): string {
  const { segment, service, calls, seconds, samples, note } = profile;
  const name = escape.name(rowName({ name: segment, service }, several), MAX_WIDTH);
  const spent = `${formatSeconds(seconds)} in ${plural(calls, 'call')}`;
  const doubt = note === undefined ? '' : `; ${escape.sentence(note)}`;
  return `inside ${name}: ${spent}, ${plural(samples, 'sample')}${doubt}`;
}

function columnsFor(escape: Escape): Column<FunctionTime>[] {
  const placeOf = ({ file, line }: FunctionTime) =>
    file === undefined
      ? undefined
      : escape.name(line === undefined ? file : `${file}:${line}`, MAX_WIDTH);
  return [
    { head: 'Self', cell: ({ selfSeconds }) => formatSeconds(selfSeconds) },
    { head: 'Share', cell: ({ share }) => formatShare(share) },
    { head: 'Total', cell: ({ totalSeconds }) => formatSeconds(totalSeconds) },
    { head: 'Function', cell: ({ name }) => escape.name(name, MAX_WIDTH), align: 'left' },
    { head: 'File', cell: placeOf, align: 'left' },
  ];
}
