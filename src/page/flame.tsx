import { useMemo, useState } from 'preact/hooks';
import { hasMeasure, type FlamePath, type Measure } from './flame-layout.js';
import { Icicle } from './icicle.js';
import { Find, Section } from './section.js';
import { Segmented } from './segmented.js';

export interface FlameProps {
  readonly paths: readonly FlamePath[];
  /** What their width may stand for: first the first that there is any of. */
  readonly measures: readonly Measure[];
  /** `service\nname` of a row that is framed. */
  readonly chosenRow?: string | undefined;
  readonly onChooseRow?: ((row: string) => void) | undefined;
}

/** Where in the program: an icicle of all call paths. */
export function Flame({ paths, measures, chosenRow, onChooseRow }: FlameProps) {
  const [measure, setMeasure] = useState<Measure>();
  const [search, setSearch] = useState('');
  const known = useMemo(() => measures.filter((it) => hasMeasure(paths, it)), [paths, measures]);
  const chosen = known.find((it) => it === measure) ?? known[0];
  if (chosen === undefined) return null;
  return (
    <Section
      id="paths"
      title="Where in the program"
      caption={chosen.caption}
      controls={
        <>
          <Find what="call paths" text={search} onFind={setSearch} />
          <Segmented
            label="Width of the boxes"
            options={known.map((it) => ({ value: it, text: it.button }))}
            chosen={chosen}
            onChoose={setMeasure}
          />
        </>
      }
    >
      <Icicle {...{ paths, measure: chosen, search, chosenRow, onChooseRow }} />
    </Section>
  );
}
