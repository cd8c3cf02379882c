import type { Piece } from './critical-pieces.js';
import { withoutOperation } from './flame-words.js';
import type { PlacedSpan } from './span-tree.js';
import { firstFitting, textWidth } from './text-width.js';
import { visible } from './visible.js';
import { Bar, LOOKS, WordsOn } from './waterfall-bar.js';
import type { Frame } from './waterfall-frame.js';
import { waitWords } from './waterfall-words.js';

const MIDDLE = 34;
const HEIGHT = 20;
const SIZE = 11;

/** The critical path from end to end: what users waited for. */
export function Ribbon({
  ribbon,
  nodes,
  frame,
}: {
  readonly ribbon: readonly Piece[];
  readonly nodes: readonly PlacedSpan[];
  readonly frame: Frame;
}) {
  const seen = ribbon.filter(({ from, to }) => frame.isSeen(from, to));
  return (
    <g>
      {!frame.isNarrow && (
        <text y={MIDDLE + 4} class="strong">
          Waited for
        </text>
      )}
      {seen.map((piece, at) => {
        const { fill, line } = LOOKS[piece.kind];
        const isLastOfRow = nodes[piece.span]?.key !== nodes[seen[at + 1]?.span ?? -1]?.key;
        const [x, end] = [frame.x(piece.from), frame.x(piece.to)];
        const gap = isLastOfRow && end - x > 3 ? 1 : 0;
        return (
          <Bar key={at} {...{ x, end: end - gap, middle: MIDDLE, height: HEIGHT, fill, line }} />
        );
      })}
      {labelled(seen, nodes).map((piece) => (
        <RibbonLabel key={piece.from} {...{ piece, nodes, frame }} />
      ))}
    </g>
  );
}

/** Of pieces of one row beside each other the longest one that has room for words. */
function labelled(ribbon: readonly Piece[], nodes: readonly PlacedSpan[]): Piece[] {
  const longest: Piece[] = [];
  let lastKey: string | undefined;
  for (const piece of ribbon) {
    const key = nodes[piece.span]?.key;
    const last = longest.at(-1);
    const isSame = key !== undefined && key === lastKey;
    lastKey = key;
    if (key === undefined) continue;
    if (!isSame || last === undefined) longest.push(piece);
    else if (weight(piece) > weight(last)) longest[longest.length - 1] = piece;
  }
  return longest;
}

function weight({ kind, from, to }: Piece): number {
  return kind === 'backoff' ? 0 : to - from;
}

function RibbonLabel({
  piece,
  nodes,
  frame,
}: {
  readonly piece: Piece;
  readonly nodes: readonly PlacedSpan[];
  readonly frame: Frame;
}) {
  const { span } = nodes[piece.span]!;
  const [x, end] = [frame.x(piece.from), frame.x(piece.to)];
  const name = withoutOperation(visible(span.row ?? span.name));
  const { line, text: color } = LOOKS[piece.kind];
  const wait = span.waits?.find(({ from, to }) => from < piece.to && to > piece.from);
  const isWait = wait !== undefined && line !== undefined;
  const texts = isWait ? [`${name} ${waitWords(wait)}`, `${name} waits`, name] : [name];
  const text = firstFitting(texts, end - x - 14, SIZE, 'mono');
  if (text === '') return null;
  if (line !== undefined) {
    const width = textWidth(text, SIZE, 'mono');
    return <WordsOn {...{ text, x: x + 7, middle: MIDDLE, width }} class="code" />;
  }
  return (
    <text x={x + 6} y={MIDDLE + 4} class="small code" fill={color}>
      {text}
    </text>
  );
}
