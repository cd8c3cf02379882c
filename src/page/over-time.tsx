import { plural } from '../format.js';
import type { Timeline } from '../summary.js';
import { inTime, roundTime } from './amounts.js';
import { OF_ALL } from './entry-choice.js';
import { Section } from './section.js';
import { StepBars } from './steps.js';
import { clockTime } from './when.js';

const greatest = (figures: readonly number[]) =>
  figures.reduce((most, figure) => Math.max(most, figure), 0);

/** Requests, errors and latency in steps of time; nothing where there are too few to see a change. */
export function OverTime({ timeline, isOfAll }: { timeline: Timeline; isOfAll: boolean }) {
  const { startEpochSeconds: start, stepSeconds, calls, errors, totalSeconds } = timeline;
  if (calls.filter((count) => count > 0).length < 3) return null;
  const means = totalSeconds.map((total, at) => (calls[at]! > 0 ? total / calls[at]! : 0));
  const failed = errors.reduce((all, count) => all + count, 0);
  return (
    <Section
      id="over-time"
      title="Over time"
      caption={`${isOfAll ? OF_ALL : ''}Steps of ${roundTime(stepSeconds)}. Dark is the mean of a step, pale its slowest request.`}
    >
      <div class="strip">
        <span>latency</span>
        <StepBars
          series={[
            { steps: timeline.maxSeconds, class: 'kept' },
            { steps: means, class: 'saved' },
          ]}
          most={greatest(timeline.maxSeconds)}
          height={64}
          label="Latency over time"
        />
        <b>{inTime(greatest(timeline.maxSeconds))}</b>
      </div>
      <div class="strip">
        <span>requests</span>
        <StepBars
          series={[
            { steps: calls, class: 'count' },
            { steps: errors, class: 'failed' },
          ]}
          most={greatest(calls)}
          height={28}
          label="Requests over time"
        />
        <b>
          {greatest(calls)}
          {failed > 0 && <span class="wasted">, {plural(failed, 'error')}</span>}
        </b>
      </div>
      <p class="times">
        <span>{clockTime(start)}</span>
        <span>{clockTime(start + stepSeconds * calls.length)} UTC</span>
      </p>
    </Section>
  );
}
