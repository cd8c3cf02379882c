import { formatSeconds, plural } from '../format.js';
import type { Summary } from '../summary.js';
import { rowName, type Form } from './form.js';

/** What a faster segment brings is measured near its speed of today: a tenth is near, all of its work is not. */
const TOLD_SHARE = 0.1;

/** Says what was measured by making segments slower, beside what was predicted. */
export function experimentLines({ experiments = [], services }: Summary, form: Form): string[] {
  return experiments.map((result) => {
    const { segment: name, service, periods, predictedSecondsPerTrace: predicted } = result;
    const range = `${tenth(result.lowSecondsPerTrace)} to ${tenth(result.highSecondsPerTrace)}`;
    const beside = predicted === undefined ? '' : `, predicted ${tenth(predicted)}`;
    const row = form.name(rowName({ name, service }, services.length > 1), 44);
    return (
      `experiment: a tenth less work in ${row} makes a trace ${tenth(result.savingSecondsPerTrace)} shorter ` +
      `(95 %: ${range}${beside}; ${plural(periods, 'period')})`
    );
  });
}

/** A saving that is nothing may be measured as less. */
function tenth(seconds: number): string {
  const sign = seconds < 0 ? '−' : '';
  return `${sign}${formatSeconds(Math.abs(seconds) * TOLD_SHARE)}`;
}
