import { inTime } from './amounts.js';
import { isBefore, isFailed, type PlacedSpan } from './span-tree.js';
import { firstFitting, textWidth } from './text-width.js';
import { WordsOn } from './waterfall-bar.js';
import type { Frame } from './waterfall-frame.js';
import type { WaterfallRow } from './waterfall-layout.js';
import { attemptWords, waitTexts } from './waterfall-words.js';

interface NotesProps {
  readonly row: WaterfallRow;
  readonly at: number;
  readonly frame: Frame;
  readonly rowOf: readonly number[];
  readonly nodes: readonly PlacedSpan[];
  readonly isCritical: boolean;
}

const SIZE = 11;

/** What is written on a row: waits with what ended them, attempts, the first token. */
export function RowNotes(props: NotesProps) {
  const { row } = props;
  if (row.isMany) return null;
  return (
    <>
      {row.spans.flatMap((node) => [
        <Attempts key={`a${node.index}`} node={node} {...props} />,
        <FirstToken key={`t${node.index}`} node={node} {...props} />,
        ...[node, ...node.parts].map((it) => <Waits key={`w${it.index}`} node={it} {...props} />),
      ])}
    </>
  );
}

type NoteProps = NotesProps & { readonly node: PlacedSpan };

function Attempts({ node, at, frame, isCritical }: NoteProps) {
  const color = isCritical ? 'var(--onwaste)' : 'var(--ink)';
  return (
    <>
      {node.parts
        .filter(({ span }) => isFailed(span))
        .map((part) => {
          const text = attemptWords(part);
          const [x, end] = [frame.x(part.from), frame.x(part.to)];
          if (textWidth(text, SIZE, 'sans') + 10 > end - x) return null;
          return (
            <text key={part.index} x={x + 6} y={frame.middle(at) + 4} class="small" fill={color}>
              {text}
            </text>
          );
        })}
    </>
  );
}

function FirstToken({ node, row, at, frame, isCritical }: NoteProps) {
  // The last attempt's is the one that somebody saw.
  const told = [node, ...node.parts].findLast(({ span }) => span.firstTokenSeconds !== undefined);
  if (told === undefined) return null;
  const time = told.from + told.span.firstTokenSeconds!;
  const [start, x, end] = [frame.x(lastFailure(node)), frame.x(time), frame.x(node.to)];
  if (!frame.isSeen(time, time) || end - frame.x(node.from) < 40) return null;
  const y = frame.middle(at);
  const text = `first token ${inTime(time - node.from)}`;
  const width = textWidth(text, SIZE, 'sans') + 12;
  const on = isCritical ? 'var(--onwait)' : 'var(--ink)';
  const place =
    x - start > width
      ? { x: x - 7, fill: on, 'text-anchor': 'end' as const }
      : end - x > width
        ? { x: x + 7, fill: on }
        : frame.right - end > width
          ? { x: end + 7, class: 'quiet' }
          : undefined;
  const line = { x1: x, x2: x, y1: y - 8.5, y2: y + 8.5 };
  return (
    <>
      <line {...line} stroke="var(--bg)" stroke-width="4" />
      <line {...line} stroke="var(--ink)" stroke-width="2" />
      {place !== undefined && !frame.isNarrow && row.spans.length === 1 && (
        <text y={y + 4} {...place} class={`small ${place.class ?? ''}`}>
          {text}
        </text>
      )}
    </>
  );
}

function lastFailure(node: PlacedSpan): number {
  const ends = node.parts.filter(({ span }) => isFailed(span)).map(({ to }) => to);
  return Math.max(node.from, ...ends);
}

function Waits({ node, at, frame, nodes, rowOf }: NoteProps) {
  const middle = frame.middle(at);
  return (
    <>
      {node.span.waits?.map((wait, place) => {
        const { from, to, by } = wait;
        if (!(to > from) || !frame.isSeen(from, to)) return null;
        const [x, end] = [frame.x(from), frame.x(to)];
        const text = firstFitting(waitTexts(wait), end - x - 24, SIZE);
        const width = textWidth(text, SIZE, 'sans');
        const by2 = isBefore(by, nodes.length) ? rowOf[by]! : at;
        return (
          <g key={place}>
            {by2 !== at && frame.isSeen(to, to) && (
              <Arrow x={end} from={frame.middle(by2)} to={middle} />
            )}
            {text !== '' && <WordsOn {...{ text, x: (x + end - width) / 2, middle, width }} />}
          </g>
        );
      })}
    </>
  );
}

/** From the end of what ended a wait to the end of the wait. */
function Arrow({ x, from, to }: { x: number; from: number; to: number }) {
  const down = from < to ? 1 : -1;
  const d = `M${x} ${from}C${x + 13} ${from + down * 4} ${x + 13} ${to - down * 10} ${x + 1} ${to - down * 7}`;
  return (
    <>
      <circle cx={x} cy={from} r="2.4" fill="var(--ink)" />
      <path {...{ d }} class="arrow" marker-end="url(#arrow)" />
    </>
  );
}
