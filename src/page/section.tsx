import type { ComponentChildren } from 'preact';

interface SectionProps {
  readonly id: string;
  readonly title: ComponentChildren;
  readonly caption?: ComponentChildren;
  /** What it is shown by: buttons and fields beside the title. */
  readonly controls?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of the page below its title. */
export function Section({ id, title, caption, controls, children }: SectionProps) {
  const titleId = `${id}-title`;
  return (
    <section id={id} aria-labelledby={titleId}>
      <div class="head">
        <div>
          <h2 id={titleId}>{title}</h2>
          {caption && <p class="caption">{caption}</p>}
        </div>
        {controls && <div class="controls">{controls}</div>}
      </div>
      {children}
    </section>
  );
}

/** A field for what to look for. */
export function Find(props: { what: string; text: string; onFind: (text: string) => void }) {
  const { what, text, onFind } = props;
  return (
    <input
      type="search"
      placeholder="Find"
      aria-label={`Find ${what}`}
      value={text}
      onInput={({ currentTarget }) => onFind(currentTarget.value)}
    />
  );
}
