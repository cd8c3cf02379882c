import type { NewestTraces } from '../ranking/newest-traces.js';
import { Ranking } from '../ranking/ranking.js';
import type { RunFolder } from '../run/run-folder.js';
import { summaryOfRun } from '../run/run-summary.js';
import type { Summary } from '../summary.js';
import { listedSample } from './listed-sample.js';

/** What a page shows of what the processes of a run have left so far. */
export class RunPage {
  #newest: NewestTraces | undefined;
  /** Whether a process has left traces. */
  #isFollowed = false;

  constructor(private readonly folder: RunFolder) {}

  /** The processes leave their newest traces while they are followed. */
  readonly follow = (newest: NewestTraces | undefined): void => {
    this.#newest = newest;
    this.folder.setLookedAt(newest !== undefined);
  };

  readonly summary = (): Summary => {
    const summary = this.#summary();
    if (this.#newest !== undefined) this.#list(this.#newest, summary);
    return summary;
  };

  /** Until a process has seen that it is followed, after its next span, there is what its summary has. */
  #list(newest: NewestTraces, summary: Summary): void {
    const traces = this.folder.takeTraces();
    if (traces.length > 0) {
      if (!this.#isFollowed) newest.clear();
      this.#isFollowed = true;
      newest.addAll(traces);
    } else if (newest.last === 0) newest.addAll(listedSample(summary));
  }

  #summary(): Summary {
    // That they have left no last one says nothing while they run.
    const found = summaryOfRun({ summaries: this.folder.read().summaries, unfinished: [] });
    return found ?? new Ranking().toSummary({ nowEpochMillis: Date.now() });
  }
}
