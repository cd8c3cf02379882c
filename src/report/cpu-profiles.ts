import type { FunctionTime, SegmentCpuProfile, Summary } from '../summary.js';
import { formatSeconds, formatShare, plural } from '../format.js';
import { counted, rowName, type Form } from './form.js';
import type { Column } from './table.js';

const MAX_SEGMENTS = 5;
const MAX_FUNCTIONS = 5;
const MAX_WIDTH = 60;

export function cpuProfileParagraphs({ cpuProfiles = [], services }: Summary, form: Form) {
  const found = cpuProfiles.filter(({ samples }) => samples > 0);
  const more = found.length - MAX_SEGMENTS;
  return [
    ...found
      .slice(0, MAX_SEGMENTS)
      .map((profile) => [
        titleOf(profile, services.length > 1, form),
        form.table(columnsFor(form), profile.functions.slice(0, MAX_FUNCTIONS)),
      ]),
    counted(more, 'more segment', ' with a CPU profile'),
  ];
}

function titleOf(profile: SegmentCpuProfile, several: boolean, form: Form): string {
  const { segment, service, calls, seconds, samples, note } = profile;
  const name = form.name(rowName({ name: segment, service }, several), MAX_WIDTH);
  const spent = `${formatSeconds(seconds)} in ${plural(calls, 'call')}`;
  const doubt = note === undefined ? '' : `; ${form.sentence(note)}`;
  return `inside ${name}: ${spent}, ${plural(samples, 'sample')}${doubt}`;
}

function columnsFor(form: Form): Column<FunctionTime>[] {
  const placeOf = ({ file, line }: FunctionTime) =>
    file && form.name(line === undefined ? file : `${file}:${line}`, MAX_WIDTH);
  return [
    { head: 'Self', cell: ({ selfSeconds }) => formatSeconds(selfSeconds) },
    { head: 'Share', cell: ({ share }) => formatShare(share) },
    { head: 'Total', cell: ({ totalSeconds }) => formatSeconds(totalSeconds) },
    { head: 'Function', cell: ({ name }) => form.name(name, MAX_WIDTH), align: 'left' },
    { head: 'File', cell: placeOf, align: 'left' },
  ];
}
