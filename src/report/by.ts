import type { ByAttribute, ByValue, Summary } from '../summary.js';
import { figureColumns } from './columns.js';
import { counted, type Form } from './form.js';
import type { Column } from './table.js';

const MAX_NAME_LENGTH = 60;
const AT_LEAST = '+ at least: what is missing is in `(other)`';

/** A table for each attribute that was asked for, the dearest value first. */
export function byLines({ by = [] }: Summary, top: number, form: Form): string[][] {
  return by.map(({ attribute, values }: ByAttribute) => {
    const shown = values.slice(0, Math.min(top, form.maxRows));
    const name: Column<ByValue> = {
      ...{ head: attribute, align: 'left', maxWidth: MAX_NAME_LENGTH },
      cell: ({ value, isAtLeast }) => `${form.name(value)}${isAtLeast === true ? ' +' : ''}`,
    };
    return [
      form.table([name, ...figureColumns('by', shown, form)], shown),
      ...counted(values.length - shown.length, 'more value'),
      ...(shown.some(({ isAtLeast }) => isAtLeast) ? [form.sentence(AT_LEAST)] : []),
    ];
  });
}
