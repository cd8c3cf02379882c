import type { ComponentChildren } from 'preact';

/** A column of a small table: the first one has names, the others figures. */
export interface PlainColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Text stands at the left. */
  readonly isText?: boolean;
}

/** A small table with its title. */
export function PlainTable<Row>(props: {
  title: ComponentChildren;
  columns: readonly PlainColumn<Row>[];
  rows: readonly Row[];
}) {
  const { title, columns, rows } = props;
  return (
    <div class="plain">
      <h3>{title}</h3>
      <div class="scroll" role="group" tabIndex={0} aria-label="All columns">
        <table>
          <thead>
            <tr>
              {columns.map(({ head, isText }, at) => (
                <th key={head} class={at === 0 || isText ? undefined : 'figure'}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, line) => (
              <tr key={line}>
                {columns.map(({ head, cell, isText }, at) =>
                  at === 0 ? (
                    <th key={head} scope="row">
                      {cell(row)}
                    </th>
                  ) : (
                    <td key={head} class={isText ? 'text' : 'figure'}>
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
