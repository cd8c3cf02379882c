import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-node';
import { aBoolean, aBooleanOr, aShare, options, type Shape } from '../options.js';
import { AlwaysRecordSampler, type SdkSampler } from '../sampling/samplers.js';
import { TAIL_SAMPLING, type TailSamplingOptions } from '../sampling/tail-sampling.js';
import { oneOfWords, type Environment, type EnvKind } from '../environment.js';

/** Which traces are exported, and which are ranked. */
export interface SamplingOptions {
  /**
   * The share of the traces to export, 0 to 1. It is decided by trace id when a trace starts. A trace
   * that comes with a decision from another service follows that. Default: `OTEL_TRACES_SAMPLER` and
   * `OTEL_TRACES_SAMPLER_ARG`; all traces if they are not set.
   */
  readonly ratio?: number | undefined;
  /**
   * Export only the traces that matter, decided when they end: see `TailSamplingSpanProcessor`. `true`
   * takes its defaults. Default false.
   */
  readonly tail?: boolean | TailSamplingOptions | undefined;
  /**
   * Rank the traces that are not exported as well, so that the figures cover all traces. Default true.
   * `false` saves most of what such a span costs.
   */
  readonly rankUnsampled?: boolean | undefined;
}

export const SAMPLING: Shape<SamplingOptions> = {
  ratio: aShare,
  tail: aBooleanOr(options(TAIL_SAMPLING)),
  rankUnsampled: aBoolean,
};

const RATIO: EnvKind<number> = {
  expected: 'a number from 0 to 1',
  parse: (text) => (Number(text) >= 0 && Number(text) <= 1 ? Number(text) : undefined),
};

type MakeSampler = (env: Environment) => Sampler;

const ALWAYS_ON: MakeSampler = () => new AlwaysOnSampler();
const ALWAYS_OFF: MakeSampler = () => new AlwaysOffSampler();
const RATIO_BASED: MakeSampler = (env) => new TraceIdRatioBasedSampler(ratioFrom(env));
const parentBased = (root: Sampler) => new ParentBasedSampler({ root });

/** The names of OpenTelemetry's specification. */
const SAMPLER = oneOfWords<MakeSampler>({
  always_on: ALWAYS_ON,
  always_off: ALWAYS_OFF,
  traceidratio: RATIO_BASED,
  parentbased_always_on: (env) => parentBased(ALWAYS_ON(env)),
  parentbased_always_off: (env) => parentBased(ALWAYS_OFF(env)),
  parentbased_traceidratio: (env) => parentBased(RATIO_BASED(env)),
});

export function makeSampler(sampling: SamplingOptions, env: Environment): SdkSampler {
  const { ratio, rankUnsampled } = sampling;
  const sampler =
    ratio === undefined ? samplerFrom(env) : parentBased(new TraceIdRatioBasedSampler(ratio));
  return rankUnsampled === false ? sampler : new AlwaysRecordSampler(sampler);
}

function samplerFrom(env: Environment): Sampler {
  const make = env.read('OTEL_TRACES_SAMPLER', SAMPLER, 'all traces are exported');
  return make?.(env) ?? parentBased(ALWAYS_ON(env));
}

function ratioFrom(env: Environment): number {
  const name = 'OTEL_TRACES_SAMPLER_ARG';
  if (env.text(name) === undefined) env.complain(name, RATIO.expected, '1 is used', '');
  return env.read(name, RATIO, '1 is used') ?? 1;
}
