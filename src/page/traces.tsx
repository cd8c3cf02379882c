import { useMemo } from 'preact/hooks';
import type { PictureTrace } from '../summary.js';
import { inTime } from './amounts.js';
import { Name } from './name.js';
import { Section } from './section.js';
import { Segmented } from './segmented.js';
import { TraceCaption } from './trace-caption.js';
import { choicesOf, type EntryTraces } from './trace-choices.js';
import { visible } from './visible.js';
import { Waterfall, type WaterfallProps } from './waterfall.js';

type TracesProps = Omit<WaterfallProps, 'trace'> & {
  readonly traces: readonly PictureTrace[];
  /** The id of the trace that is shown; the first one if there is none of that id. */
  readonly chosen?: string | undefined;
  readonly onChoose: (traceId: string) => void;
};

/** What happened: the slowest and the typical traces, one at a time. */
export function Traces({ traces, chosen, onChoose, ...rest }: TracesProps) {
  const trace = traces.find(({ traceId }) => traceId === chosen) ?? traces[0];
  const entries = useMemo(() => choicesOf(traces), [traces]);
  if (trace === undefined) return null;
  const entry = entries.find((it) => it.traces.some((one) => one.trace === trace))!;
  const { title } = entry.traces.find((one) => one.trace === trace)!;
  const { traceId, name, seconds } = trace;
  return (
    <Section
      id="trace"
      title={
        <>
          {title} <Name of={name} />, <em>{inTime(seconds)}</em>
        </>
      }
      caption={<TraceCaption trace={trace} jaegerUrl={rest.jaegerUrl} />}
      controls={
        <>
          {entries.length > 1 && <Entries {...{ entries, entry, onChoose }} />}
          <Segmented
            label="Which trace"
            options={entry.traces.map(({ trace: { traceId: value }, button }) => {
              return { value, text: button };
            })}
            chosen={traceId}
            onChoose={onChoose}
          />
        </>
      }
    >
      <Waterfall key={traceId} trace={trace} {...rest} />
    </Section>
  );
}

function Entries(props: {
  readonly entries: readonly EntryTraces[];
  readonly entry: EntryTraces;
  readonly onChoose: (traceId: string) => void;
}) {
  const { entries, entry, onChoose } = props;
  const services = new Set(entries.map(({ service }) => service));
  return (
    <select
      aria-label="Entry point"
      value={entries.indexOf(entry)}
      onChange={({ currentTarget }) => {
        onChoose(entries[Number(currentTarget.value)]!.traces[0]!.trace.traceId);
      }}
    >
      {entries.map(({ name, service }, at) => (
        <option key={at} value={at}>
          {visible(name)}
          {services.size > 1 && ` · ${visible(service)}`}
        </option>
      ))}
    </select>
  );
}
