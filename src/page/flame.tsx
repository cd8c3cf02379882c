import { useMemo, useState } from 'preact/hooks';
import type { CallPath } from '../summary.js';
import { hasMeasure, type Measure } from './flame-layout.js';
import { MEASURES } from './flame-words.js';
import { Icicle } from './icicle.js';
import { Segmented } from './segmented.js';

export interface FlameProps {
  readonly paths: readonly CallPath[];
  /** `service\nname` of a row that is framed. */
  readonly chosenRow?: string | undefined;
  readonly onChooseRow?: ((row: string) => void) | undefined;
}

/** Where in the program: an icicle of all call paths. */
export function Flame({ paths, chosenRow, onChooseRow }: FlameProps) {
  const [measure, setMeasure] = useState<Measure>('critical');
  const [search, setSearch] = useState('');
  const measures = useMemo(
    () => (Object.keys(MEASURES) as Measure[]).filter((it) => hasMeasure(paths, it)),
    [paths],
  );
  const chosen = measures.includes(measure) ? measure : measures[0];
  if (chosen === undefined) return null;
  return (
    <section id="paths" aria-labelledby="paths-title">
      <div class="head">
        <div>
          <h2 id="paths-title">Where in the program</h2>
          <p class="caption">{MEASURES[chosen].caption}</p>
        </div>
        <div class="controls">
          <input
            type="search"
            placeholder="Find"
            aria-label="Find call paths"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
          <Segmented
            label="Width of the boxes"
            options={measures.map((it) => ({ value: it, text: MEASURES[it].button }))}
            chosen={chosen}
            onChoose={setMeasure}
          />
        </div>
      </div>
      <Icicle {...{ paths, measure: chosen, search, chosenRow, onChooseRow }} />
    </section>
  );
}
