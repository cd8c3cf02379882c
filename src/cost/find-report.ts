import { fields, isObject, parseJson, text, type Fields } from '../fields.js';
import { keysOf } from './unknown-object.js';
import { BARE_NAMES } from './usage-names.js';

/** Under what names answers and items of streams hold the report of their usage, the best first. */
const REPORTS = [
  ...['totalUsage', 'usage', 'usageMetadata', 'usage_metadata', 'tokenUsage', 'token_usage'],
  ...['estimatedTokenUsage', 'amazon-bedrock-invocationMetrics', 'billed_units', 'billedUnits'],
];

/** Replicate and Hugging Face; elsewhere these hold other things. */
const WEAK_REPORTS = ['metrics', 'details'];

/** Under what names clients wrap an answer, or a part of it that tells something. */
const WRAPPERS = [
  ...['data', 'response', 'body', 'bytes', 'chunk', 'message', 'result', 'raw', 'delta', 'meta'],
  ...[
    'metadata',
    'messageStop',
    'x_groq',
    'xGroq',
    'response_metadata',
    'llmOutput',
    'interaction',
    'modelOutput',
  ],
];

const MODELS = ['model', 'modelId', 'model_id', 'modelVersion', 'model_version', 'model_name'];
const IDS = ['id', 'responseId', 'response_id'];
const REASONS = ['stop_reason', 'stopReason', 'finish_reason', 'finishReason', 'done_reason'];

type Kind = 'report' | 'bare' | 'wrapper' | 'model' | 'id' | 'reason' | 'choices' | 'batch';

const ROLES = new Map<string, { readonly kind: Kind; readonly rank: number }>();
for (const [kind, names] of Object.entries<readonly string[]>({
  bare: [...WEAK_REPORTS, 'duration', ...BARE_NAMES],
  report: REPORTS,
  wrapper: WRAPPERS,
  model: MODELS,
  id: IDS,
  reason: REASONS,
  choices: ['choices', 'candidates'],
  // Lines of the files that OpenAI, Anthropic, Google and Bedrock answer a batch with.
  batch: ['custom_id', 'key', 'recordId'],
})) {
  for (const [rank, name] of names.entries()) ROLES.set(name, { kind: kind as Kind, rank });
}

/** What stands among other fields comes last. */
export const BARE_RANK = 1_000;
const MAX_DEPTH = 4;
/** A longer body is hardly text, and would take too long to parse. */
const MAX_BYTES = 1e6;

/** What an answer, or an item of a stream, tells of itself, whatever it is wrapped in. */
export interface Found {
  /** The report of usage, what holds it, and under what name. */
  report?: unknown;
  holder?: Fields | undefined;
  reportName?: string;
  rank: number;
  model?: string | undefined;
  id?: string | undefined;
  readonly finishReasons: string[];
  reasonDepth?: number;
  /** The fields that cannot be read. */
  readonly closed: string[];
  /** How many answers it is of, if it has a list of them. */
  choices?: number;
  /** It is of a file with the answers to a batch. */
  isBatch?: boolean;
}

/** Never throws. What is outside comes before what is wrapped inside. */
export function findReport(answer: unknown): Found {
  const found: Found = { rank: Infinity, finishReasons: [], closed: [] };
  if (isObject(answer)) look(answer, found, 0);
  return found;
}

function look(at: Fields, found: Found, depth: number): void {
  let wrapped: unknown[] | undefined;
  for (const key of readKeys(at, found)) {
    const role = ROLES.get(key);
    if (role === undefined) continue;
    const value = read(at, key, found);
    if (value === undefined || value === null) continue;
    switch (role.kind) {
      case 'report':
        if (isObject(value)) keepReport(found, value, at, key, depth * 100 + role.rank);
        break;
      case 'bare':
        if (WEAK_REPORTS.includes(key)) {
          if (isObject(value)) keepReport(found, value, at, key, BARE_RANK);
        } else if (key === 'duration' && read(at, 'task', found) === undefined) {
          // Of a transcription alone it is what is billed.
        } else if (typeof value === 'number' || Array.isArray(value)) {
          keepReport(found, at, at, key, BARE_RANK + depth);
        }
        break;
      case 'wrapper':
        if (isObject(value)) (wrapped ??= []).push(value);
        break;
      case 'choices':
        if (Array.isArray(value)) {
          found.choices = value.length;
          for (const choice of value) addReason(found, readChoice(choice, found), depth);
        }
        break;
      case 'batch':
        if (depth === 0) found.isBatch = true;
        break;
      case 'reason':
        addReason(found, value, depth);
        break;
      default:
        found[role.kind] ??= text(value);
    }
  }
  if (wrapped === undefined || depth === MAX_DEPTH) return;
  for (const value of wrapped) look(parsed(value), found, depth + 1);
}

function keepReport(found: Found, report: Fields, holder: Fields, name: string, rank: number) {
  if (rank >= found.rank) return;
  found.rank = rank;
  found.report = report;
  found.holder = holder;
  found.reportName = name;
}

function readChoice(choice: unknown, found: Found): unknown {
  if (!isObject(choice)) return undefined;
  // Moonshot's last chunk has it here.
  const usage = read(choice, 'usage', found);
  if (isObject(usage)) keepReport(found, usage, choice, 'usage', REPORTS.length);
  return read(choice, 'finish_reason', found) ?? read(choice, 'finishReason', found);
}

function addReason(found: Found, reason: unknown, depth: number): void {
  if (typeof reason !== 'string' || reason === '') return;
  if (found.finishReasons.length === 0) found.reasonDepth = depth;
  if (found.reasonDepth === depth) found.finishReasons.push(reason);
}

/** Bedrock hands over the bytes of what a model answers. */
function parsed(value: unknown): Fields {
  if (!(value instanceof Uint8Array)) return fields(value);
  if (value.byteLength > MAX_BYTES) return {};
  return fields(
    parseJson(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()),
  );
}

function readKeys(at: Fields, found: Found): readonly string[] {
  try {
    return keysOf(at);
  } catch {
    found.closed.push('a field');
    return [];
  }
}

function read(at: Fields, key: string, found: Found): unknown {
  try {
    return at[key];
  } catch {
    found.closed.push(key);
    return undefined;
  }
}
