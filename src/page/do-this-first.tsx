import { useState } from 'preact/hooks';
import { formatUsd, plural } from '../format.js';
import { inPercent, inTime } from './amounts.js';
import { Sentence } from './name.js';
import { SpanLink, type SpanTargets } from './span-link.js';
import type { ToDo } from './to-do.js';

const MOST = 4;

/** What to do, the largest saving first. */
export function DoThisFirst(props: {
  all: readonly ToDo[];
  /** How long users waited. */
  total: number;
  targets: SpanTargets;
  /** Shows what a change would bring, where the sample tells. */
  onTry: (change: string) => void;
  canTry: (change: string) => boolean;
  /** The page is narrowed to one entry point, and this is not. */
  isOfAll: boolean;
}) {
  const { all, total, targets, onTry, canTry, isOfAll } = props;
  const [showsAll, showAll] = useState(false);
  const shown = showsAll ? all : all.slice(0, MOST);
  return (
    <div>
      <h2 class="small">Do this first{isOfAll && ', of all entry points'}</h2>
      <ol class="to-do">
        {shown.map((each, at) => (
          <Item
            {...{ ...each, targets, total }}
            key={at}
            onTry={
              each.change !== undefined && canTry(each.change)
                ? () => onTry(each.change!)
                : undefined
            }
          />
        ))}
      </ol>
      {all.length > shown.length && (
        <button type="button" class="link" onClick={() => showAll(true)}>
          {plural(all.length - shown.length, 'more thing')} to look at
        </button>
      )}
    </div>
  );
}

interface ItemProps extends ToDo {
  targets: SpanTargets;
  total: number;
  onTry: (() => void) | undefined;
}

function Item(props: ItemProps) {
  const { title, message, savingSeconds = 0, savingUsd = 0, spans, targets, total, onTry } = props;
  const [first] = spans;
  const money = savingUsd > 0 && `−${formatUsd(savingUsd)}`;
  return (
    <li>
      <p class="saving">
        {savingSeconds > 0 ? `−${inTime(savingSeconds)}` : money}
        {savingSeconds > 0 && (
          <small>
            {total > 0 && `${inPercent(savingSeconds / total)} of all`}
            {savingUsd > 0 && (
              <>
                <br />
                {money}
              </>
            )}
          </small>
        )}
      </p>
      <div>
        {title !== undefined && (
          <p class="title">
            <Sentence text={title} />
          </p>
        )}
        <p class={title === undefined ? 'untitled' : 'message'}>
          <Sentence text={message} />{' '}
          {first !== undefined && (
            <SpanLink span={first} text="Show the slowest" targets={targets} isOptional />
          )}{' '}
          {onTry !== undefined && (
            <button type="button" class="link" onClick={onTry}>
              Try it
            </button>
          )}
        </p>
      </div>
    </li>
  );
}
