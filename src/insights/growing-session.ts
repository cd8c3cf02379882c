import { groupBy } from '../bounded.js';
import type { RowOf } from '../trace/row-names.js';
import type { LlmCall } from '../trace/span-record.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { addSpent, Conversation, type Spent } from './conversation.js';
import { callsByRow, sayGrowth } from './growing-context.js';
import { ByRow, type InsightRule } from './rule.js';
import { Shown } from './shown.js';

/** Traces of one session; where few sessions are that long, it takes more. */
const MIN_TURNS = 4;
const MIN_TURNS_OF_FEW = 7;
const FEW = 3;
/** Of all sessions that are long enough. */
const MIN_SHARE = 0.6;
/** The last input is at least so many times the first. */
const MIN_GROWTH = 1.5;
/** Sessions that are remembered; beyond it those of a row are counted, and forgotten. */
const MAX_SESSIONS = 2_000;

class Sessions extends Shown {
  readonly open = new Map<string, Conversation>();
  #counted = NO_SESSIONS;
  call: LlmCall | undefined = undefined;

  count(): Counted {
    return [...this.open.values()].reduce(addSession, this.#counted);
  }

  /** Returns how many are forgotten. */
  forget(): number {
    const { size } = this.open;
    this.#counted = this.count();
    this.open.clear();
    return size;
  }
}

interface Counted {
  /** Those that are long enough to tell. */
  readonly long: number;
  readonly mostTurns: number;
  readonly grown: Spent | undefined;
}

const NO_SESSIONS: Counted = { long: 0, mostTurns: 0, grown: undefined };

function addSession({ long, mostTurns, grown }: Counted, session: Conversation): Counted {
  if (session.turns < MIN_TURNS) return { long, mostTurns, grown };
  const hasGrown = session.hasGrown(MIN_GROWTH);
  return {
    long: long + 1,
    mostTurns: Math.max(mostTurns, session.turns),
    grown: hasGrown ? addSpent(grown, session.spent()) : grown,
  };
}

/** Finds sessions whose past is sent anew in each of their traces: the input grows from trace to trace. */
export function growingSession(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Sessions());
  let remembered = 0;
  return {
    looksAt: 'calls',
    addTrace({ calls, tree, originEpochMillis }) {
      const ofRoot = tree.roots[0]?.record.facts.sessionId;
      const isKnown = ({ record }: SpanNode) => record.facts.sessionId !== undefined;
      if (ofRoot === undefined && !calls.some(isKnown)) return;
      for (const ofRow of callsByRow(calls, rowOf)) {
        const row = rows.of(ofRow[0].record);
        row.call ??= ofRow[0].record.facts.llmCall;
        const idOf = ({ record }: (typeof ofRow)[0]) => record.facts.sessionId ?? ofRoot;
        for (const [id, turn] of groupBy(ofRow, idOf)) {
          if (id === undefined) continue;
          let session = row.open.get(id);
          if (session === undefined) {
            if (remembered >= MAX_SESSIONS) remembered -= row.forget();
            if (remembered >= MAX_SESSIONS) continue;
            remembered += 1;
            row.open.set(id, (session = new Conversation()));
          }
          row.show(turn[0]!);
          session.addTurn(turn, originEpochMillis * 1e6 + turn[0]!.startNanos);
        }
      }
    },
    findings: ({ inputTokens }) =>
      rows.findings('growing-context', (row, name) => {
        const { long, mostTurns, grown } = row.count();
        if (grown === undefined || grown.conversations < MIN_SHARE * long) return undefined;
        if (grown.conversations < FEW && mostTurns < MIN_TURNS_OF_FEW) return undefined;
        return sayGrowth(grown, row.call, name, { one: 'session', allTokens: inputTokens });
      }),
  };
}
