import js from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/**
 * Imports point one way (docs of the folders: README, "How it is built"):
 * semconv, errors <- cost, analysis <- processor, readers, report <- node, cli.
 * `instrument` knows semconv, errors and cost; `index.ts` gathers the public names.
 */
const mayImport = {
  cost: [],
  analysis: [],
  instrument: ['cost'],
  processor: ['analysis', 'cost'],
  readers: ['analysis', 'cost'],
  report: ['analysis', 'cost'],
  node: ['analysis', 'cost', 'processor', 'report'],
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
      message: `src/${folder} may import only semconv, errors and: ${mayImport[folder].join(', ') || 'nothing else'}.`,
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

export default tseslint.config(
  { ignores: ['dist', 'coverage', '.docs-run-*'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
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
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
);
