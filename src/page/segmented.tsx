interface Option<T> {
  readonly value: T;
  readonly text: string;
}

/** Buttons of which one is pressed; nothing where there is no choice. */
export function Segmented<T>(props: {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly chosen: T;
  readonly onChoose: (value: T) => void;
}) {
  if (props.options.length < 2) return null;
  return (
    <div class="segmented" role="group" aria-label={props.label}>
      {props.options.map(({ value, text }) => (
        <button
          key={text}
          type="button"
          aria-pressed={value === props.chosen}
          onClick={() => props.onChoose(value)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
