import { withoutSecrets } from './secrets.js';

export interface EnvKind<T> {
  /** In words, after "expected OTEL_X to be". */
  readonly expected: string;
  /** Returns `undefined` for a text that is none of this. */
  readonly parse: (text: string) => T | undefined;
  /** `true` if the text may be a secret, and is not quoted. */
  readonly isPrivate?: boolean;
}

export function wholeNumber(least: number): EnvKind<number> {
  return {
    expected: `a whole number of at least ${least}`,
    parse: (text) =>
      Number.isSafeInteger(Number(text)) && Number(text) >= least ? Number(text) : undefined,
  };
}

/** One of a few words, in any case, and what each stands for. */
export function oneOfWords<T>(values: Readonly<Record<string, T>>): EnvKind<T> {
  const words = Object.keys(values);
  return {
    expected: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    parse: (text) => new Map(Object.entries(values)).get(text.toLowerCase()),
  };
}

/** Reads the variables of the environment, and logs one line for each that cannot be used. */
export class Environment {
  readonly #said = new Set<string>();

  constructor(
    private readonly variables: NodeJS.ProcessEnv,
    readonly log: (line: string) => void,
  ) {}

  /** Returns the text of a variable; `undefined` if it is not set or is blank. */
  text(name: string): string | undefined {
    const text = this.variables[name]?.trim() ?? '';
    return text === '' ? undefined : text;
  }

  /** @param instead what the log says that happens if the variable cannot be used */
  read<T>(name: string, kind: EnvKind<T>, instead?: string): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.#parse(name, text, kind, instead);
  }

  /** Reads a variable that holds words with commas in between. */
  readList<T>(name: string, kind: EnvKind<T>, instead?: string): (T | undefined)[] | undefined {
    const words = this.text(name)?.split(',');
    const texts = new Set(words?.map((word) => word.trim()).filter((word) => word !== ''));
    return words && [...texts].map((text) => this.#parse(name, text, kind, instead));
  }

  #parse<T>(name: string, text: string, kind: EnvKind<T>, instead?: string): T | undefined {
    const value = kind.parse(text);
    if (value === undefined) {
      this.complain(name, kind.expected, instead, kind.isPrivate === true ? undefined : text);
    }
    return value;
  }

  complain(name: string, expected: string, instead = 'it is ignored', text?: string): void {
    const got = text === undefined ? '' : `, got "${withoutSecrets(text, 200)}"`;
    const line = `hotspan: expected ${name} to be ${expected}${got}; ${instead}.`;
    // Two parts may read the same variable.
    if (!this.#said.has(line)) this.log(line);
    this.#said.add(line);
  }
}
