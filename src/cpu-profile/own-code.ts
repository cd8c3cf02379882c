import type { Session } from 'node:inspector';
import type { V8CallFrame } from './v8-profile.js';

const LOCATION = '[[FunctionLocation]]';

type Place = Pick<V8CallFrame, 'scriptId' | 'lineNumber' | 'columnNumber'>;
interface Range {
  readonly from: Place;
  readonly to: Place;
}

/**
 * Tells hotspan's functions from those of its host. bundle.js marks each file of hotspan's by a function at its
 * beginning and one at its end: what lies between is hotspan's, also where a bundler made one file of
 * everything and changed all names.
 */
export class OwnCode {
  #marks = 0;
  readonly #ranges = new Map<string, Range[]>();

  includes(frame: V8CallFrame): boolean {
    const ranges = this.#ranges.get(frame.scriptId);
    if (ranges === undefined) return false;
    return ranges.some(({ from, to }) => isOrdered(from, frame) && isOrdered(frame, to));
  }

  /** Finds the files that were loaded since the last time. */
  locate(session: Session): void {
    const count = marks().length;
    for (; this.#marks + 1 < count; this.#marks += 2) {
      const from = placeOf(session, this.#marks);
      const to = placeOf(session, this.#marks + 1);
      if (from === undefined || to?.scriptId !== from.scriptId) continue;
      const ranges = this.#ranges.get(from.scriptId) ?? [];
      this.#ranges.set(from.scriptId, [...ranges, { from, to }]);
    }
  }
}

function marks(): readonly unknown[] {
  const found: unknown = (globalThis as Record<symbol, unknown>)[Symbol.for('hotspan.code')];
  return Array.isArray(found) ? found : [];
}

/** Only the inspector knows where a function is. It answers before the call returns. */
function placeOf(session: Session, index: number): Place | undefined {
  let place: Place | undefined;
  const expression = `globalThis[Symbol.for('hotspan.code')][${index}]`;
  session.post('Runtime.evaluate', { expression }, (error, answer) => {
    const objectId = error === null ? answer.result.objectId : undefined;
    if (objectId === undefined) return;
    session.post('Runtime.getProperties', { objectId, ownProperties: true }, (failure, of) => {
      const found =
        failure === null && of.internalProperties?.find(({ name }) => name === LOCATION);
      if (found) place = found.value?.value as Place | undefined;
    });
    session.post('Runtime.releaseObject', { objectId });
  });
  return place;
}

function isOrdered(first: Place, second: Place): boolean {
  const lines = second.lineNumber - first.lineNumber;
  return lines > 0 || (lines === 0 && second.columnNumber >= first.columnNumber);
}
