import type { PageData } from '../page-data.js';
import { Footer } from './footer.js';
import { Headline } from './headline.js';

/** All of it. What several parts share is held here: the chosen row and trace. */
export function Page({ data: { summary, about } }: { data: PageData }) {
  return (
    <>
      <Headline summary={summary} about={about} />
      <Footer summary={summary} about={about} />
    </>
  );
}
