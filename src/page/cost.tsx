import { formatUsd, plural } from '../format.js';
import type { ModelUsage, Summary } from '../summary.js';
import { inPercent } from './amounts.js';
import { costParts, modelRows, mostInStep, type ModelRow } from './model-costs.js';
import { Name } from './name.js';
import { OF_ALL } from './entry-choice.js';
import { Section } from './section.js';
import { PlainTable, type PlainColumn } from './plain-table.js';
import { StepBars } from './steps.js';
import { ifKnown, moneyUnit, shortCount } from './units.js';

interface CostProps {
  readonly summary: Summary;
  /** `true` where the page is narrowed to one entry point: what was paid is known of all together. */
  readonly isOfAll: boolean;
}

/** What was paid for, by model. */
export function Cost({ summary, isOfAll }: CostProps) {
  const rows = modelRows(summary);
  if (rows.length === 0) return null;
  const isPaid = summary.totals.costUsd !== undefined;
  const money = moneyUnit(rows.map(({ usage }) => usage.costUsd));
  const has = (of: (row: ModelRow) => unknown) => rows.some((row) => of(row) !== undefined);
  const reasoningOf = ({ usage }: ModelRow) => usage.reasoningOutputTokens;
  const largest = rows.reduce((most, { usage }) => Math.max(most, usage.costUsd ?? 0), 1e-12);
  const columns: (PlainColumn<ModelRow> | false)[] = [
    { head: 'Model', cell: ({ name }) => <Name of={name} /> },
    isPaid && {
      head: 'Paid for',
      class: 'kinds',
      cell: ({ usage }) => <Kinds usage={usage} largest={largest} />,
    },
    isPaid && {
      head: 'cost, $',
      cell: ({ usage }) => (usage.costUsd === undefined ? 'no price' : money.format(usage.costUsd)),
    },
    has(({ steps }) => steps) && {
      head: 'over time',
      class: 'spark',
      cell: ({ steps, name }) =>
        steps !== undefined && (
          <StepBars
            series={[{ steps, class: 'paid' }]}
            most={mostInStep(rows)}
            height={24}
            label={name}
          />
        ),
    },
    { head: 'calls', cell: ({ usage }) => shortCount(usage.calls) },
    { head: 'tokens in', cell: ({ usage }) => shortCount(usage.inputTokens) },
    has(({ cachedShare }) => cachedShare) && {
      head: 'cached',
      cell: ({ cachedShare }) => ifKnown(cachedShare, inPercent),
    },
    { head: 'out', cell: ({ usage }) => shortCount(usage.outputTokens) },
    has(reasoningOf) && { head: 'reasoning', cell: (row) => ifKnown(reasoningOf(row), shortCount) },
  ];
  return (
    <Section
      id="cost"
      title={<Title summary={summary} rows={rows} />}
      caption={<Caption {...{ summary, isOfAll }} />}
    >
      <PlainTable rows={rows} columns={columns} />
    </Section>
  );
}

/** A bar of what a model cost, by what it is for, and below it how much of it failed attempts used; in words, too. */
function Kinds({ usage, largest }: { usage: ModelUsage; largest: number }) {
  const wasted = usage.wastedCostUsd ?? 0;
  const parts = costParts(usage);
  const all = [...parts, { name: 'failed attempts', usd: wasted, class: 'waste' }];
  const wide = (usd: number) => `${(100 * usd) / largest}%`;
  return (
    <>
      <svg aria-hidden="true" width="100%" height="18">
        {parts.map(({ usd, from, class: name }) => (
          <rect key={name} class={name} x={wide(from)} width={wide(usd)} height="14" />
        ))}
        <rect class="waste" y="15" width={wide(wasted)} height="3" />
      </svg>
      {all.map(
        ({ name, usd, class: kind }) =>
          usd > 0 && (
            <span key={name} class={kind}>
              {name} {formatUsd(usd)}
            </span>
          ),
      )}
    </>
  );
}

function Title({ summary, rows }: { summary: Summary; rows: readonly ModelRow[] }) {
  const { costUsd, llmCalls } = summary.totals;
  if (costUsd === undefined) return <>{plural(llmCalls, 'model call')}, no price known</>;
  const { usage, name } = rows[0]!;
  return (
    <>
      {formatUsd(costUsd)}
      {rows.length > 1 && (
        <>
          , {inPercent((usage.costUsd ?? 0) / (costUsd || 1))} of it for <Name of={name} />
        </>
      )}
    </>
  );
}

function Caption({ summary: { totals }, isOfAll }: CostProps) {
  const { costPerSuccessUsd, wastedCostUsd = 0 } = totals;
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
    </>
  );
}
