import { Name } from './name.js';

/** What is told of all requests together, where the page is narrowed. */
export const OF_ALL = 'Of all entry points. ';

/** Which entry point the page is narrowed to, and how to change that. */
export interface EntryChoice {
  /** `service\nname` */
  readonly chosen: string | undefined;
  readonly canChoose: (entry: string) => boolean;
  readonly onChoose: (entry: string | undefined) => void;
}

/** The name of an entry point: a click narrows the page to it, and the next one shows all again. */
export function EntryName(props: { entry: string; text: string; choice: EntryChoice }) {
  const { entry, text, choice } = props;
  if (!choice.canChoose(entry)) return <Name of={text} />;
  const isChosen = entry === choice.chosen;
  return (
    <button
      type="button"
      class="entry-name"
      aria-pressed={isChosen}
      title={isChosen ? 'Show all entry points' : 'Show only this entry point'}
      onClick={() => choice.onChoose(isChosen ? undefined : entry)}
    >
      <Name of={text} />
    </button>
  );
}

/** Says that the page is narrowed, at its top wherever it is scrolled to. */
export function OnlyLine({ choice }: { choice: EntryChoice }) {
  const { chosen, onChoose } = choice;
  const name = chosen?.slice(chosen.indexOf('\n') + 1);
  return (
    <div class={name === undefined ? 'only none' : 'only'}>
      <p role="status">
        {name !== undefined && (
          <>
            Only{' '}
            <b>
              <Name of={name} />
            </b>
            <span> in what if, the ranking, the flame graph and the traces</span>
          </>
        )}
      </p>
      {name !== undefined && (
        <button
          type="button"
          class="link"
          onClick={() => {
            onChoose(undefined);
            document.getElementById('main')?.focus({ preventScroll: true });
          }}
        >
          All entry points
        </button>
      )}
    </div>
  );
}
