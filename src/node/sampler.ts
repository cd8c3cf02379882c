import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-base';
import { requireOptions, wrongUse } from '../errors.js';
import { AlwaysRecordSampler } from '../sampling/always-record-sampler.js';
import {
  checkTailSampling,
  requireShare,
  type TailSamplingOptions,
} from '../sampling/tail-sampling.js';

/** What is exported, and what is ranked. */
export interface SamplingOptions {
  /**
   * The share of the traces that is exported, 0 to 1, decided by trace id when they start; what comes
   * with a decision from another service follows it. Default: `OTEL_TRACES_SAMPLER` and
   * `OTEL_TRACES_SAMPLER_ARG`, and all without them.
   */
  readonly ratio?: number | undefined;
  /**
   * Export of these only the traces that matter, decided when they end: see
   * `TailSamplingSpanProcessor`; `true` takes its defaults. Default false.
   */
  readonly tail?: boolean | TailSamplingOptions | undefined;
  /**
   * Rank what is not exported, too, so that the figures are of all. Default true. False saves most of
   * what an unsampled span costs.
   */
  readonly rankUnsampled?: boolean | undefined;
}

const OPTIONS = ['ratio', 'tail', 'rankUnsampled'] as const;

/** Throws unless the options are right. */
export function checkSampling(where: string, options: SamplingOptions | undefined): void {
  if (options === undefined) return;
  requireOptions(where, options, OPTIONS);
  const { ratio, tail, rankUnsampled } = options;
  requireShare(where, '`sampling.ratio`', ratio);
  if (rankUnsampled !== undefined && typeof rankUnsampled !== 'boolean') {
    throw wrongUse(where, '`sampling.rankUnsampled` to be true or false', rankUnsampled);
  }
  if (tail !== undefined && typeof tail !== 'boolean') checkTailSampling(where, tail);
}

/** How traces are chosen when they end; undefined when they are not. */
export function tailOptions({ tail }: SamplingOptions = {}): TailSamplingOptions | undefined {
  if (tail === true) return {};
  return tail === false ? undefined : tail;
}

/** The sampler that the options and the environment ask for. */
export function makeSampler(
  options: SamplingOptions,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Sampler {
  const sampler =
    options.ratio === undefined
      ? samplerFrom(env, log)
      : new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.ratio) });
  return options.rankUnsampled === false ? sampler : new AlwaysRecordSampler(sampler);
}

/** What OpenTelemetry's specification gives the names in `OTEL_TRACES_SAMPLER`. */
function samplerFrom(env: NodeJS.ProcessEnv, log: (line: string) => void): Sampler {
  const name = env.OTEL_TRACES_SAMPLER?.trim().toLowerCase() ?? '';
  const root = rootSampler(name.replace(/^parentbased_/, ''), env, log);
  if (root === undefined) {
    if (name !== '') {
      log(
        `hotspan: expected OTEL_TRACES_SAMPLER to be one of ${NAMES.join(', ')}, got "${name}"; all is exported.`,
      );
    }
    return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

const ROOTS = ['always_on', 'always_off', 'traceidratio'];
const NAMES = [...ROOTS, ...ROOTS.map((name) => `parentbased_${name}`)];

function rootSampler(
  name: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Sampler | undefined {
  if (name === 'always_on') return new AlwaysOnSampler();
  if (name === 'always_off') return new AlwaysOffSampler();
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratioFrom(env, log)) : undefined;
}

function ratioFrom(env: NodeJS.ProcessEnv, log: (line: string) => void): number {
  const text = env.OTEL_TRACES_SAMPLER_ARG?.trim() ?? '';
  const ratio = Number(text);
  if (text !== '' && ratio >= 0 && ratio <= 1) return ratio;
  log(
    `hotspan: expected OTEL_TRACES_SAMPLER_ARG to be a number from 0 to 1, got "${text}"; it is taken to be 1.`,
  );
  return 1;
}
