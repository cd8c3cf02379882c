import type { ComponentChildren } from 'preact';

/** A column of a small table: the first one has names, the others figures. */
export interface PlainColumn<Row> {
  readonly head: ComponentChildren;
  readonly cell: (row: Row) => ComponentChildren;
  /** Default: of a figure, which stands at the right. */
  readonly class?: string | undefined;
}

/** A small table with its title. */
export function PlainTable<Row>(props: {
  title?: ComponentChildren;
  /** `false` is none. */
  columns: readonly (PlainColumn<Row> | false)[];
  rows: readonly Row[];
}) {
  const { title, rows } = props;
  const columns = props.columns.filter((column) => column !== false);
  return (
    <div class="plain">
      {title && <h3>{title}</h3>}
      <div class="scroll" role="group" tabIndex={0} aria-label="All columns">
        <table>
          <thead>
            <tr>
              {columns.map(({ head, class: name = 'figure' }, at) => (
                <th key={at} class={at === 0 ? undefined : name}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, line) => (
              <tr key={line}>
                {columns.map(({ cell, class: name = 'figure' }, at) =>
                  at === 0 ? (
                    <th key={at} scope="row">
                      {cell(row)}
                    </th>
                  ) : (
                    <td key={at} class={name}>
                      {cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
