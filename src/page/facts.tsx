import type { ComponentChildren } from 'preact';
import { formatCount, formatUsd, plural } from '../format.js';
import type { Bottleneck, SavingDoubt } from '../summary.js';
import { inPercent, inTime } from './amounts.js';
import { Name } from './name.js';
import { shortId, SpanLink, type SpanTargets } from './span-link.js';

const DOUBTS: Readonly<Record<SavingDoubt, string>> = {
  race: 'Its calls lose races, and might win them if they were faster.',
  timeout: 'Its calls ended because a timer did.',
  'unknown-wait': 'It waited for something that no span tells of.',
  stream: 'It read streams whose items were there before it asked for them.',
};

export interface FactsProps {
  readonly row: Bottleneck;
  readonly targets: SpanTargets;
  /** Absent where the sample does not tell of the row. */
  readonly onTry?: (() => void) | undefined;
}

/** What is known of a row, when it is opened. */
export function Facts({ row, targets, onTry }: FactsProps) {
  return (
    <div class="facts">
      <Waited row={row} />
      <Saving row={row} onTry={onTry} />
      <Calls row={row} />
      <div>
        <h3>Slowest</h3>
        {row.slowest.map((span) => (
          <p key={span.spanId}>
            <SpanLink span={span} text={shortId(span.traceId)} targets={targets} />
            <b>{inTime(span.seconds)}</b>
          </p>
        ))}
      </div>
    </div>
  );
}

/** A figure and what it is of. */
function Fact({ of, children }: { of: ComponentChildren; children: ComponentChildren }) {
  return (
    <p>
      <span>{of}</span>
      <b>{children}</b>
    </p>
  );
}

function Waited({ row }: { row: Bottleneck }) {
  const { criticalSeconds, idleSeconds, waitsFor = [], selfSeconds, totalSeconds } = row;
  const { criticalLowShare: low, criticalHighShare: high, mayRank, rank } = row;
  return (
    <div>
      <h3>Waited for, {inTime(criticalSeconds)}</h3>
      {waitsFor.map(({ row: other, service, seconds }) => (
        <Fact
          key={`${service}\n${other}`}
          of={
            <>
              and through it for <Name of={other} />
            </>
          }
        >
          {inTime(seconds)}
        </Fact>
      ))}
      {idleSeconds !== undefined && <Fact of="of it idle">{inTime(idleSeconds)}</Fact>}
      {low !== undefined && high !== undefined && (
        <Fact of="95 of 100 times between">
          {inPercent(low)} and {inPercent(high)}
        </Fact>
      )}
      {mayRank !== undefined && mayRank < rank && <Fact of="may really be">no. {mayRank}</Fact>}
      <Fact of="own time">{inTime(selfSeconds)}</Fact>
      <Fact of="with everything inside">{inTime(totalSeconds)}</Fact>
    </div>
  );
}

function Saving({ row, onTry }: Pick<FactsProps, 'row' | 'onTry'>) {
  const { savingSeconds, takenOverBy, savingDoubt } = row;
  const { savingLowSeconds: low, savingHighSeconds: high } = row;
  return (
    <div>
      <h3>If it took no time</h3>
      {savingSeconds === undefined ? (
        <p>Not known.</p>
      ) : (
        <Fact of="saves up to">{inTime(savingSeconds)}</Fact>
      )}
      {low !== undefined && high !== undefined && (
        <Fact of="95 of 100 times between">
          {inTime(low)} and {inTime(high)}
        </Fact>
      )}
      {takenOverBy !== undefined && (
        <Fact
          of={
            <>
              <Name of={takenOverBy.row} /> takes over
            </>
          }
        >
          {inTime(takenOverBy.seconds)}
        </Fact>
      )}
      {savingDoubt !== undefined && <p class="wasted">May be wrong. {DOUBTS[savingDoubt]}</p>}
      {onTry !== undefined && (
        <button type="button" class="link" onClick={onTry}>
          Try it
        </button>
      )}
    </div>
  );
}

function Calls({ row }: { row: Bottleneck }) {
  const { calls, attempts, retries = 0, errors, wastedSeconds = 0, wastedCostUsd } = row;
  const { inputTokens, outputTokens, firstTokenP50Seconds: p50, firstTokenP95Seconds: p95 } = row;
  const tried = attempts === undefined ? '' : `${plural(attempts, 'attempt')} for `;
  return (
    <div>
      <h3>
        {tried}
        {plural(calls, 'call')}
      </h3>
      {retries > 0 && <Fact of="tried again">{plural(retries, 'time')}</Fact>}
      {wastedSeconds > 0 && (
        <Fact of="wasted">
          <span class="wasted">
            {inTime(wastedSeconds)}
            {wastedCostUsd !== undefined && `, ${formatUsd(wastedCostUsd)}`}
          </span>
        </Fact>
      )}
      {errors > 0 && <Fact of="errors">{formatCount(errors)}</Fact>}
      {p50 !== undefined && <Fact of="first token, half by">{inTime(p50)}</Fact>}
      {p95 !== undefined && <Fact of="first token, p95">{inTime(p95)}</Fact>}
      {inputTokens !== undefined && <Fact of="tokens in">{formatCount(inputTokens)}</Fact>}
      {outputTokens !== undefined && <Fact of="tokens out">{formatCount(outputTokens)}</Fact>}
      <Fact of="slowest">{inTime(row.maxSeconds)}</Fact>
    </div>
  );
}
