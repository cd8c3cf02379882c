import js from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/**
 * Imports point one way:
 * semconv, errors, format, version, clock-reading, model-name <- cost, analysis <- processor, readers, report <- node, cli.
 * `instrument` knows cost and profiling and nothing else of ours; report and node know what its runs of steps give.
 * `index.ts` gathers the public names.
 */
const mayImport = {
  cost: [],
  analysis: [],
  profiling: ['analysis'],
  instrument: ['cost', 'profiling'],
  processor: ['analysis', 'cost'],
  readers: ['analysis', 'cost'],
  report: ['analysis', 'cost', 'instrument'],
  node: ['analysis', 'cost', 'instrument', 'processor', 'profiling', 'readers', 'report'],
  cli: ['analysis', 'cost', 'processor', 'readers', 'report', 'node'],
};
const folders = Object.keys(mayImport);

const directions = folders.map((folder) => {
  const forbidden = folders.filter(
    (other) => other !== folder && !mayImport[folder].includes(other),
  );
  const patterns = [
    {
      regex: `^\\.\\./(${forbidden.join('|')}|index)(/|\\.|$)`,
      message: `src/${folder} may import only semconv, errors, format, version, clock-reading, model-name and: ${mayImport[folder].join(', ') || 'nothing else'}.`,
    },
  ];
  if (folder !== 'node') {
    patterns.push({
      regex: '^@opentelemetry/(?!api$)',
      message:
        'Only src/node imports the OpenTelemetry SDK; the rest needs @opentelemetry/api alone.',
    });
  }
  if (folder === 'analysis' || folder === 'report') {
    patterns.push({
      regex: '^(node:|@opentelemetry/)',
      message: `src/${folder} is pure: no clock, no I/O, no OpenTelemetry.`,
    });
  }
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
});

const leaves = {
  files: [
    'src/semconv.ts',
    'src/errors.ts',
    'src/format.ts',
    'src/version.ts',
    'src/clock-reading.ts',
    'src/model-name.ts',
  ],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [{ regex: '.', message: 'Everything imports these files; they import nothing.' }],
      },
    ],
  },
};

const staticImports = {
  files: ['src/**/*.ts'],
  rules: {
    'no-restricted-syntax': [
      'error',
      {
        selector: 'ImportExpression[source.value=/^\\./]',
        message: 'Imports of our own files are static, so that the rules for directions see them.',
      },
    ],
  },
};

const purity = {
  files: ['src/analysis/**/*.ts', 'src/report/**/*.ts'],
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
  { ignores: ['dist', 'coverage', '.docs-run-*', 'bench/built'] },
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
  {
    files: ['src/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: { ClassDeclaration: true, MethodDefinition: true, FunctionDeclaration: true },
          contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'],
          checkConstructors: false,
        },
      ],
    },
  },
  ...directions,
  leaves,
  staticImports,
  purity,
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly', process: 'readonly' } },
  },
);
