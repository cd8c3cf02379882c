import { keyOf } from '../sampled-times.js';
import { useMemo, useState } from 'preact/hooks';
import { inPercent } from './amounts.js';
import { FlameCanvas } from './flame-canvas.js';
import * as layout from './flame-layout.js';
import type { FlameBox, Measure } from './flame-layout.js';
import { labelsOf, sumFigures, wordsOf } from './flame-words.js';
import type { FlameProps } from './flame.js';

type IcicleProps = Omit<FlameProps, 'measures'> & {
  readonly measure: Measure;
  readonly search: string;
};

/** The boxes, and below them what is told of the one under the pointer or in focus. */
export function Icicle({ paths, measure, search, chosenRow, onChooseRow }: IcicleProps) {
  const boxes = useMemo(() => layout.layFlame(paths, measure), [paths, measure]);
  const layers = useMemo(() => layout.layersOf(boxes), [boxes]);
  const sums = useMemo(() => sumFigures(boxes), [boxes]);
  const keys = useMemo(() => layout.pathKeys(boxes), [boxes]);
  // By their paths, since a live page gets longer lists.
  const [zoomed, zoomTo] = useState('');
  const [focused, setFocus] = useState('');
  const [hovered, setHovered] = useState<number>();
  const at = Math.max(keys.indexOf(zoomed), 0);
  const zoom = boxes[at]!.total > 0 ? at : 0;
  const inFocus = keys.indexOf(focused);
  const focus = inFocus < 0 ? zoom : inFocus;
  const setFocused = (index: number) => setFocus(keys[index]!);
  const found = useMemo(
    () => findIn(boxes, measure, search, chosenRow),
    [boxes, search, chosenRow],
  );
  const view = useMemo(() => layout.viewOf(boxes[zoom]!), [boxes, zoom]);
  const depth = useMemo(() => layout.rowsIn(boxes, view), [boxes, view]);

  const show = (index: number) => {
    zoomTo(keys[index]!);
    setFocused(index);
    setHovered(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isStep = event.key.startsWith('Arrow') || event.key === 'Home';
    if (event.key === 'Enter') show(focus);
    else if (event.key === 'Escape' && zoom > 0) show(boxes[zoom]!.parent);
    else if (isStep) setFocused(layout.stepFrom(boxes, layers, focus, event.key, view));
    else return;
    if (isStep) setHovered(undefined);
    event.preventDefault();
  };
  const labels = (index: number) =>
    labelsOf(wordsOf(boxes[index]!, measure), measure.figure(sums[index]!, sums[0]!));
  const told = boxes[hovered ?? focus] === undefined ? 0 : (hovered ?? focus);
  const { path } = boxes[told]!;
  return (
    <>
      <FlameCanvas
        {...{ boxes, layers, view, labels, focus, hovered, found: found?.found }}
        rows={Math.min(depth, layout.MOST_ROWS)}
        onHover={setHovered}
        onShow={show}
        onKeyDown={onKeyDown}
      />
      <p class="readout">
        {zoom > 0 && (
          <button type="button" class="link" onClick={() => show(0)}>
            ← All
          </button>
        )}
        <span aria-live="polite">
          <bdi class="name">
            {layout
              .pathTo(boxes, told)
              .slice(told === 0 ? 0 : 1)
              .map((box) => wordsOf(box, measure))
              .join(' › ')}
          </bdi>{' '}
          {measure
            .facts(sums[told]!, sums[0]!, path)
            .filter((part) => part !== false)
            .join(' · ')}
        </span>
        {path !== undefined && onChooseRow !== undefined && (
          <button type="button" class="link" onClick={() => onChooseRow(keyOf(path))}>
            Its row
          </button>
        )}
        {depth > layout.MOST_ROWS && <span>There are deeper ones: click to zoom in.</span>}
        {search !== '' && found !== undefined && (
          <strong role="status">
            {found.found.size === 0 ? 'Nothing matches' : `${inPercent(found.share)} matches`}
          </strong>
        )}
      </p>
    </>
  );
}

function findIn(
  boxes: readonly FlameBox[],
  measure: Measure,
  search: string,
  chosenRow: string | undefined,
) {
  const text = search.trim().toLowerCase();
  if (text !== '') {
    return layout.findBoxes(boxes, (box) => wordsOf(box, measure).toLowerCase().includes(text));
  }
  if (chosenRow === undefined) return undefined;
  const found = layout.findBoxes(
    boxes,
    ({ path }) => path !== undefined && keyOf(path) === chosenRow,
  );
  return found.found.size > 0 ? found : undefined;
}
