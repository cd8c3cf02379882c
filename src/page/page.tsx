import { useState } from 'preact/hooks';
import type { PageData } from '../page-data.js';
import type { SlowSpan } from '../summary.js';
import { Footer } from './footer.js';
import { Headline } from './headline.js';
import { Ranking } from './ranking.js';
import type { SpanTargets } from './span-link.js';

/** All of it. What several parts share is held here: the chosen row and span. */
export function Page({ data: { summary, about } }: { data: PageData }) {
  const [chosenRow, chooseRow] = useState<string>();
  const [, chooseSpan] = useState<SlowSpan>();
  const targets: SpanTargets = {
    jaegerUrl: about.jaegerUrl,
    shown: new Set(),
    onShow: chooseSpan,
  };
  return (
    <>
      <Headline summary={summary} about={about} />
      <main>
        {summary.bottlenecks.length > 0 && (
          <Ranking
            {...{ summary, targets, chosenRow }}
            onChooseRow={chooseRow}
            canTry={() => false}
            onTry={() => undefined}
          />
        )}
      </main>
      <Footer summary={summary} about={about} />
    </>
  );
}
