import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Which rooms of `src` a room may import from. Everything may import the files directly in `src`, the
 * leaves; `doors` gathers the public names of all. docs/architecture.md draws this map.
 */
const mayImport = {
  instrument: [],
  cost: [],
  answers: ['cost', 'instrument'],
  llm: ['answers', 'cost', 'instrument'],
  'llm-http': ['answers', 'cost', 'instrument', 'llm'],
  steps: ['instrument'],
  trace: ['cost'],
  waits: ['trace'],
  insights: ['cost', 'trace'],
  pictures: ['cost', 'trace', 'waits'],
  ranking: ['cost', 'insights', 'pictures', 'trace', 'waits'],
  'cpu-profile': ['instrument', 'trace'],
  experiment: ['instrument', 'processor', 'trace'],
  metrics: ['ranking', 'trace'],
  summaries: ['cpu-profile', 'insights', 'pictures', 'ranking', 'trace'],
  processor: ['cost', 'cpu-profile', 'metrics', 'ranking', 'trace'],
  sampling: ['processor', 'trace'],
  readers: ['cost', 'ranking', 'summaries', 'trace'],
  report: ['steps', 'summaries'],
  run: ['pictures', 'ranking', 'report', 'summaries', 'trace'],
  http: [],
  delivery: [],
  page: [],
  view: ['cost', 'delivery', 'pictures', 'ranking', 'readers', 'report', 'run', 'trace'],
  node: [
    ...['cost', 'cpu-profile', 'delivery', 'experiment', 'http', 'llm-http', 'metrics'],
    ...['processor', 'ranking', 'report', 'run', 'sampling', 'trace', 'view'],
  ],
};
mayImport.doors = Object.keys(mayImport);
mayImport.cli = ['doors', 'ranking', 'readers', 'report', 'run', 'summaries', 'view'];
const folders = Object.keys(mayImport);
/** Plain data in, plain data out: no clock, no I/O, no OpenTelemetry. */
const pure = ['trace', 'waits', 'insights', 'pictures', 'ranking', 'summaries', 'report'];

const directions = folders.map((folder) => {
  const forbidden = folders.filter(
    (other) => other !== folder && !mayImport[folder].includes(other),
  );
  const patterns = [
    {
      regex: `^\\.\\./(${forbidden.join('|')})(/|$)`,
      message: `src/${folder} may import the files directly in src, and ${mayImport[folder].join(', ') || 'nothing else'}.`,
    },
  ];
  if (folder !== 'node' && folder !== 'delivery') {
    patterns.push({
      regex: '^@opentelemetry/(?!api$)',
      message:
        'Only src/node and src/delivery import the OpenTelemetry SDK; the rest needs @opentelemetry/api alone.',
    });
  }
  if (pure.includes(folder)) {
    patterns.push({
      regex: '^(node:|@opentelemetry/|\\.\\./clock\\.js$)',
      message: `src/${folder} is pure: no clock, no I/O, no OpenTelemetry.`,
    });
  }
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
});

const leaves = {
  files: ['src/*.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: '^\\./[\\w-]+/|^\\.\\.|^@opentelemetry/(?!api$)',
            message: 'The files directly in src import one another alone.',
          },
        ],
      },
    ],
  },
};

const staticImports = {
  files: ['src/**/*.{ts,tsx}'],
  rules: {
    'no-restricted-syntax': [
      'error',
      {
        selector: 'ImportExpression[source.value=/^\\.\\./]',
        message: 'Imports from another room are static, so that the rules for directions see them.',
      },
    ],
  },
};

const purity = {
  files: pure.map((folder) => `src/${folder}/**/*.ts`),
  rules: {
    'no-restricted-globals': [
      'error',
      'performance',
      'process',
      'setTimeout',
      'setInterval',
      'console',
    ],
    'no-restricted-properties': ['error', { object: 'Date', property: 'now' }],
  },
};

export default tseslint.config(
  {
    ignores: [
      'dist',
      '.declarations',
      'coverage',
      '.docs-run-*',
      'bench/built',
      '**/.next',
      '**/.venv',
    ],
  },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      // With noUncheckedIndexedAccess an index within bounds needs it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Errors of users pass through as the same object, whatever it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  ...directions,
  leaves,
  staticImports,
  purity,
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        AbortController: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        process: 'readonly',
        Response: 'readonly',
      },
    },
  },
  {
    // They have functions that run in the page.
    files: ['test/browser/*.js', 'scripts/screenshots.js'],
    languageOptions: {
      globals: {
        createImageBitmap: 'readonly',
        document: 'readonly',
        getComputedStyle: 'readonly',
        OffscreenCanvas: 'readonly',
        window: 'readonly',
      },
    },
  },
);
