import { formatUsd, plural } from '../format.js';
import type { ModelUsage, Summary } from '../summary.js';
import { inPercent } from './amounts.js';
import { modelRows, mostInStep, type ModelRow } from './model-costs.js';
import { Name } from './name.js';
import { OF_ALL } from './entry-choice.js';
import { Section } from './section.js';
import { StepBars } from './steps.js';
import { moneyUnit, shortCount, type Unit } from './units.js';
import { stretch } from './when.js';

interface CostProps {
  readonly summary: Summary;
  /** `true` where the page is narrowed to one entry point: what was paid is known of all together. */
  readonly isOfAll: boolean;
}

/** What was paid for, by model. */
export function Cost({ summary, isOfAll }: CostProps) {
  const rows = modelRows(summary);
  if (rows.length === 0) return null;
  const { totals, pictures } = summary;
  const timeline = pictures?.timeline;
  const has = {
    cost: totals.costUsd !== undefined,
    steps: rows.some(({ steps }) => steps !== undefined),
    cached: rows.some(({ cachedShare }) => cachedShare !== undefined),
    reasoning: rows.some(({ usage }) => usage.reasoningOutputTokens !== undefined),
  };
  const money = moneyUnit(rows.map(({ usage }) => usage.costUsd));
  const cents = moneyUnit(rows.map(({ usage }) => centsOf(usage)));
  return (
    <Section
      id="cost"
      title={<Title summary={summary} rows={rows} />}
      caption={<Caption {...{ summary, isOfAll }} />}
    >
      <div class="scroll" role="group" tabIndex={0} aria-label="All columns">
        <table class="models">
          <thead>
            <tr>
              <th>Model</th>
              {has.cost && <th>Share of the cost</th>}
              {has.cost && <th class="figure share">%</th>}
              {has.cost && <th class="figure">cost, $</th>}
              {has.cost && <th class="figure">a call, ¢</th>}
              {has.steps && (
                <th class="spark">
                  {timeline !== undefined &&
                    stretch(
                      timeline.startEpochSeconds,
                      timeline.stepSeconds * timeline.calls.length,
                    ).slice(11)}
                </th>
              )}
              <th class="figure">calls</th>
              <th class="figure">tokens in</th>
              {has.cached && <th class="figure">cached</th>}
              <th class="figure">out</th>
              {has.reasoning && <th class="figure">reasoning</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <ModelLine
                key={`${row.usage.provider} ${row.name}`}
                {...{ row, rows, has, money, cents }}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

interface LineProps {
  readonly row: ModelRow;
  readonly rows: readonly ModelRow[];
  readonly has: Readonly<Record<'cost' | 'steps' | 'cached' | 'reasoning', boolean>>;
  readonly money: Unit;
  readonly cents: Unit;
}

function ModelLine({ row, rows, has, money, cents }: LineProps) {
  const { usage, name, share, steps, cachedShare } = row;
  const { calls, costUsd, inputTokens, outputTokens, reasoningOutputTokens } = usage;
  const largest = rows.reduce((most, other) => Math.max(most, other.share ?? 0), 1e-9);
  const each = centsOf(usage);
  return (
    <tr>
      <th scope="row">
        <Name of={name} />
      </th>
      {has.cost && (
        <>
          <td class="bar">
            <svg aria-hidden="true" width="100%" height="14">
              <rect class="paid" width={`${(100 * (share ?? 0)) / largest}%`} height="14" />
            </svg>
          </td>
          <td class="figure share">{share === undefined ? '' : inPercent(share)}</td>
          <td class="figure">{costUsd === undefined ? 'no price' : money.format(costUsd)}</td>
          <td class="figure">{each === undefined ? '' : cents.format(each)}</td>
        </>
      )}
      {has.steps && (
        <td class="spark">
          {steps !== undefined && (
            <StepBars
              series={[{ steps, class: 'paid' }]}
              most={mostInStep(rows)}
              height={24}
              label={`Cost of ${name} over time`}
            />
          )}
        </td>
      )}
      <td class="figure calls">{shortCount(calls)}</td>
      <td class="figure">{shortCount(inputTokens)}</td>
      {has.cached && (
        <td class="figure">{cachedShare === undefined ? '' : inPercent(cachedShare)}</td>
      )}
      <td class="figure">{shortCount(outputTokens)}</td>
      {has.reasoning && (
        <td class="figure">
          {reasoningOutputTokens === undefined ? '' : shortCount(reasoningOutputTokens)}
        </td>
      )}
    </tr>
  );
}

/** What a call costs. */
function centsOf({ costUsd, calls }: ModelUsage): number | undefined {
  return costUsd === undefined || calls === 0 ? undefined : (100 * costUsd) / calls;
}

function Title({ summary, rows }: { summary: Summary; rows: readonly ModelRow[] }) {
  const { costUsd, llmCalls } = summary.totals;
  if (costUsd === undefined) return <>{plural(llmCalls, 'model call')}, no price known</>;
  const [first] = rows;
  return (
    <>
      {formatUsd(costUsd, costUsd >= 1 ? 2 : undefined)}
      {rows.length > 1 && first?.share !== undefined && (
        <>
          , {inPercent(first.share)} of it for <Name of={first.name} />
        </>
      )}
    </>
  );
}

function Caption({ summary: { totals }, isOfAll }: CostProps) {
  const { costPerSuccessUsd, wastedCostUsd = 0, unpricedCalls, costUsd } = totals;
  const { cacheHits = 0, cacheSavedUsd = 0 } = totals;
  return (
    <>
      {isOfAll && OF_ALL}
      {costPerSuccessUsd !== undefined &&
        `${formatUsd(costPerSuccessUsd)} for each request that succeeded. `}
      {wastedCostUsd > 0 && (
        <span class="wasted">{formatUsd(wastedCostUsd)} went into failed attempts. </span>
      )}
      {cacheHits > 0 &&
        `A cache answered ${plural(cacheHits, 'call')}${cacheSavedUsd > 0 ? `, which saved ${formatUsd(cacheSavedUsd)}` : ''}. `}
      {costUsd !== undefined &&
        (unpricedCalls === 0
          ? 'All calls have a price.'
          : `${plural(unpricedCalls, 'call')} without a known price.`)}
    </>
  );
}
