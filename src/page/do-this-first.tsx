import { useState } from 'preact/hooks';
import { formatUsd, plural } from '../format.js';
import { inPercent, inTime } from './amounts.js';
import { Sentence } from './name.js';
import { SpanLink, type SpanTargets } from './span-link.js';
import type { ToDo } from './to-do.js';

/** As many as there are side by side. */
const MOST = 3;

interface ToDoProps {
  /** The largest saving first. */
  all: readonly ToDo[];
  /** How long users waited. */
  total: number;
  targets: SpanTargets;
  /** Shows what a change would bring, where the sample tells. */
  onTry: (change: string) => void;
  canTry: (change: string) => boolean;
  /** The page is narrowed to one entry point, and this is not. */
  isOfAll: boolean;
}

/** What to do first. */
export function DoThisFirst(props: ToDoProps) {
  return (
    <div>
      <h2 class="small">Do this first{props.isOfAll && ', of all entry points'}</h2>
      <Items {...props} all={props.all.slice(0, 1)} />
    </div>
  );
}

/** What to do then, side by side: below each other they would leave the other half of the page empty. */
export function DoThen(props: ToDoProps) {
  const [showsAll, showAll] = useState(false);
  const others = props.all.slice(1);
  const shown = showsAll ? others : others.slice(0, MOST);
  if (others.length === 0) return null;
  return (
    <div class="then">
      <h2 class="small">And then</h2>
      <Items {...props} all={shown} />
      {others.length > shown.length && (
        <button type="button" class="link" onClick={() => showAll(true)}>
          {plural(others.length - shown.length, 'more thing')} to look at
        </button>
      )}
    </div>
  );
}

function Items({ all, canTry, onTry, ...rest }: ToDoProps) {
  return (
    <ol class="to-do">
      {all.map((each, at) => {
        const { change } = each;
        const canBeTried = change !== undefined && canTry(change);
        const tryIt = canBeTried ? () => onTry(change) : undefined;
        return <Item {...each} {...rest} key={at} onTry={tryIt} />;
      })}
    </ol>
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
