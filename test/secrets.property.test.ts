import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressWithoutSecrets, nameWithoutSecrets, withoutSecrets } from '../src/secrets.js';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LETTERS = UPPER + UPPER.toLowerCase();
const DIGITS = '0123456789';

function run(characters: string, minLength: number, maxLength = minLength) {
  const character = fc.constantFrom(...characters.split(''));
  return fc.array(character, { minLength, maxLength }).map((found) => found.join(''));
}

/** A secret in the form of a service. Both parts must not come out. */
const form = (prefix: string, characters: string, length: number) =>
  run(characters, length).map((secret) => ({ text: prefix + secret, secret }));
const forms = fc.oneof(
  form('sk-', LETTERS + DIGITS, 48),
  form('sk-proj-', `${LETTERS + DIGITS}-_`, 100),
  form('sk-ant-api03-', `${LETTERS + DIGITS}-_`, 95),
  form('AIza', `${LETTERS + DIGITS}-_`, 35),
  form('AKIA', UPPER + DIGITS, 16),
  form('ASIA', UPPER + DIGITS, 16),
  form('ghp_', LETTERS + DIGITS, 36),
  form('gho_', LETTERS + DIGITS, 36),
  form('github_pat_', `${LETTERS + DIGITS}_`, 82),
  form('xoxb-17653672481-', LETTERS + DIGITS, 24),
);

const opaque = run(`${LETTERS + DIGITS}-_.~+/=!$%&,;:#@`, 20, 60).map((text) => `Z9${text}`);
const naming = fc.constantFrom(
  ...['key=', 'token=', 'password=', 'api_key=', 'apikey=', 'X-Api-Key: ', 'api-key: ', 'api_key:'],
  ...['Bearer ', 'Authorization: Bearer ', 'authorization: Basic ', 'AWS_SECRET_ACCESS_KEY='],
  ...[
    'aws_secret_access_key = ',
    '"api_key": "',
    '"password":"',
    "password: '",
    '"access_token": "',
  ],
  ...['\\"api_key\\": \\"', '"x-api-key": "', "Authorization: 'Bearer ", 'client_secret='],
);
const named = fc
  .tuple(naming, opaque)
  .map(([before, secret]) => ({ text: before + secret, secret }));

const address = fc
  .tuple(fc.constantFrom('postgres', 'https', 'redis', 'mongodb+srv'), opaque, fc.boolean())
  .map(([scheme, secret, isQuery]) => ({
    text: isQuery
      ? `${scheme}://host.example/path?anything=${secret}`
      : `${scheme}://app:${secret}@host.example:5432/db`,
    secret,
  }));

const around = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.lorem({ maxCount: 4, mode: 'sentences' }),
  fc.constantFrom(' ', '\n', '"', "'", '/', ': ', 'task-', '://', 'sk-', 'key=', '{"a":"', 'GET '),
);

/** No six characters in a row of what was planted. */
function expectGone(clean: string, secret: string): void {
  for (let at = 0; at + 6 <= secret.length; at += 1) {
    expect(clean).not.toContain(secret.slice(at, at + 6));
  }
}

const many = { numRuns: 2_000 };

describe('no secret comes out', () => {
  it('of the forms of keys, wherever one stands', () => {
    fc.assert(
      fc.property(around, forms, around, (before, { text, secret }, after) => {
        expectGone(withoutSecrets(before + text + after), secret);
      }),
      many,
    );
  });

  it('that its name gives away, or that is a part of an address', () => {
    const gap = fc.constantFrom('', ' ', '\n', '(', '"', ', ', 'x-');
    fc.assert(
      fc.property(around, gap, fc.oneof(named, address), around, (before, space, it, after) => {
        expectGone(withoutSecrets(`${before}${space}${it.text} ${after}`), it.secret);
      }),
      many,
    );
  });

  it('half, where a text is cut', () => {
    const any = fc.oneof(forms, named, address);
    fc.assert(
      fc.property(any, fc.nat(400), fc.integer({ min: 1, max: 300 }), (it, at, maxLength) => {
        const text = `${'word '.repeat(80).slice(0, at)} ${it.text} ${'and so on '.repeat(50)}`;
        const clean = withoutSecrets(text, maxLength);
        expect(clean.length).toBeLessThanOrEqual(maxLength);
        expectGone(clean, it.secret);
      }),
      many,
    );
  });

  it('is taken out twice', () => {
    fc.assert(
      fc.property(around, fc.oneof(forms, named, address), (before, { text }) => {
        const once = withoutSecrets(`${before} ${text}`);
        expect(withoutSecrets(once)).toBe(once);
      }),
      many,
    );
  });
});

describe('what is no secret stays', () => {
  const words = fc.constantFrom(
    ...[
      'the',
      'monkey',
      'keys:',
      'Bearer tokens',
      'the bearer of it',
      'password',
      'api key',
      'token',
    ],
    ...['Invalid API key: missing', 'task-management-system-2024', 'disk-usage', 'risk-assessment'],
    ...[
      'gpt-4o-2024-08-06',
      'claude-3-5-sonnet-20241022',
      'models/gemini-2.0-flash',
      'max_tokens=100',
    ],
    ...['550e8400-e29b-41d4-a716-446655440000', 'task-550e8400-e29b-41d4-a716-446655440000'],
    ...['3f786850e387550fdab836ed7e6dc881de23001b', 'sha256:9f86d081884c7d659a2feaa0c55ad015'],
    ...[
      '/usr/lib/node_modules/@scope/pkg/index.js:12:3',
      'C:\\Users\\me\\key.ts',
      'node:internal/x',
    ],
    ...['https://unpkg.com/react@18.2.0/index.js', 'http://localhost:3000/@vite/client', 'a@b.org'],
    ...[
      'const key = map.get(id);',
      'if (token === null)',
      '(key) => key.id',
      'apiKey: string',
      'a?.b',
    ],
    ...[
      'function f(api_key: str)',
      'x ? y : z',
      'git@github.com:me/repo.git',
      '"token"',
      'key: value',
    ],
    ...['internationalization', 'highs_and_lows_of_prices', 'Cannot read properties of undefined'],
  );
  it('prose, code, paths, models, ids and hashes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.lorem(), fc.uuid()), { maxLength: 20 }), (all) => {
        const text = all.join(' ');
        expect(withoutSecrets(text)).toBe(text);
        expect(nameWithoutSecrets(text)).toBe(text.length > 1_000 ? expect.anything() : text);
      }),
      many,
    );
  });

  it('the rest of an address', () => {
    expect(withoutSecrets('GET https://u:p@host:80/a/b?key=x failed')).toBe(
      'GET https://host:80/a/b?{query} failed',
    );
    expect(withoutSecrets('POST /v1/x?token=abc')).toBe('POST /v1/x?{query}');
    expect(addressWithoutSecrets('http:/\\me:p a ss@host/x')).toBe('http://host/x');
  });
});

it.each([
  ...[
    '://',
    '://a@',
    `://${':'.repeat(99)}`,
    '@',
    'sk-',
    'key=',
    'api_key ',
    'bearer ',
    'xoxb-',
    'a',
  ],
  ...[
    '\\',
    '/?a',
    "key='",
    `password${' '.repeat(999)}`,
    'sk-aB1',
    ' ',
    'ghp_',
    'token"',
    '"',
    '?=/',
  ],
])('a megabyte of %j takes milliseconds', (part) => {
  const text = part.repeat(1e6 / part.length);
  withoutSecrets(text, 256);
  const start = performance.now();
  for (let time = 0; time < 10; time += 1) withoutSecrets(text, 256);
  // It takes 0.1 ms; the machine may be busy.
  expect(performance.now() - start).toBeLessThan(100);
  withoutSecrets(text);
  expect(performance.now() - start).toBeLessThan(300);
});
