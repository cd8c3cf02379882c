import { nameWithoutSecrets } from '../secrets.js';
import { AGENT_NAMES, HTTP_ROUTE_NAMES, SESSION_NAMES, TOOL_NAMES } from '../semconv.js';
import { cutText } from './short-name.js';

type Attributes = Readonly<Record<string, unknown>>;

/** An attribute to group by. */
export interface ByKey {
  /** As it was asked for. */
  readonly attribute: string;
  /** The attributes that tell it, the first that is there. */
  readonly names: readonly string[];
  /** `true` if it is of the span that has it, and not of the whole trace. */
  readonly isOfSpan: boolean;
}

/** What conventions say of one operation; all else, such as a session, is taken to be the same in the whole trace. */
const OF_SPAN =
  /^(?:gen_ai\.(?!conversation\.)|(?:db|http|url|rpc|messaging|server|net|code|error|mcp|tool|agent)\.|traceloop\.entity)/;

/** The names of attributes to remember, to tell which there are instead. */
const MAX_SEEN = 100;
const MAX_VALUE_LENGTH = 120;

/** What `by` may be called in short, and the attributes that tell it. */
const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = {
  session: SESSION_NAMES,
  user: ['user.id', 'enduser.id', 'langfuse.user.id'],
  tenant: ['tenant.id', 'tenant', 'app.tenant'],
  route: HTTP_ROUTE_NAMES,
  agent: AGENT_NAMES,
  tool: TOOL_NAMES,
};

export function byKeysOf(by: string | readonly string[] = []): ByKey[] {
  return [...new Set([by].flat())].map((attribute) => {
    const names = Object.hasOwn(SHORT_NAMES, attribute) ? SHORT_NAMES[attribute]! : [attribute];
    return { attribute, names, isOfSpan: OF_SPAN.test(names[0]!) };
  });
}

/** Reads the values to group by from the attributes of spans. */
export class ByReader {
  readonly #found = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(readonly keys: readonly ByKey[]) {}

  /** One value for each key; `undefined` if there are none. What a span does not have, its resource may. */
  read(attributes: Attributes, resource: Attributes = {}): (string | undefined)[] | undefined {
    if (this.#found.size < this.keys.length) this.#note(attributes, resource);
    let values: (string | undefined)[] | undefined;
    for (const [at, key] of this.keys.entries()) {
      const value = valueOf(attributes, key) ?? valueOf(resource, key);
      if (value === undefined) continue;
      values ??= Array<string | undefined>(this.keys.length).fill(undefined);
      values[at] = value;
      this.#found.add(key.attribute);
    }
    return values;
  }

  /** The attributes that no span had; none where there was no span. */
  get missing(): string[] {
    if (this.#seen.size === 0 && this.#found.size === 0) return [];
    return this.keys.map(({ attribute }) => attribute).filter((name) => !this.#found.has(name));
  }

  /** Says which attributes no span had. */
  warnings(): string[] {
    return this.missing.map((name) => `no span had \`${name}\` to group by`);
  }

  /** Attributes that spans have. */
  get seen(): readonly string[] {
    return [...this.#seen];
  }

  #note(...lists: readonly Attributes[]): void {
    for (const attributes of lists) {
      for (const name in attributes) if (this.#seen.size < MAX_SEEN) this.#seen.add(name);
    }
  }
}

function valueOf(attributes: Attributes, { names }: ByKey): string | undefined {
  for (const name of names) {
    const text = textOf(attributes[name]);
    if (text !== '') return nameWithoutSecrets(cutText(text, MAX_VALUE_LENGTH));
  }
  return undefined;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.map(textOf).join(', ') : '';
}
