/**
 * Writes one declaration file for each door into `dist`, and holds what it declares against the reports
 * in `api`, so that no change of the public surface goes unseen:
 *
 *     npm run check:api       fails when a report differs, or when a type in a signature is not exported
 *     npm run api             writes the reports
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
} from '@microsoft/api-extractor';

const DOORS = ['hotspan', 'node', 'processor', 'register', 'report'];
/** Where tsconfig.build.json has tsc write a file for each of `src`. */
const SEPARATE = '.declarations';

/**
 * @param report 'none' to write the declarations alone, 'check' or 'write'
 * @returns whether the reports are as they should be
 */
export function writeDeclarations(report) {
  rmSync(SEPARATE, { recursive: true, force: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  mkdirSync('api', { recursive: true });
  const configs = DOORS.map((door) => configOf(door, report));
  const compilerState = CompilerState.create(configs[0], {
    additionalEntryPoints: configs.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
  });
  const results = configs.map((config) =>
    Extractor.invoke(config, {
      compilerState,
      localBuild: report !== 'check',
      messageCallback: (message) => {
        message.handled ||= message.category === 'console' && message.logLevel !== 'error';
      },
    }),
  );
  rmSync(SEPARATE, { recursive: true });
  return results.every(({ succeeded }) => succeeded);
}

const none = { logLevel: ExtractorLogLevel.None };

function configOf(door, report) {
  const logLevel = report === 'none' ? ExtractorLogLevel.None : ExtractorLogLevel.Error;
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve('package.json'),
    configObject: {
      projectFolder: resolve('.'),
      mainEntryPointFilePath: resolve(SEPARATE, `doors/${door}.d.ts`),
      compiler: { tsconfigFilePath: resolve('tsconfig.build.json') },
      apiReport: {
        enabled: report !== 'none',
        reportFileName: door,
        reportFolder: resolve('api'),
        reportTempFolder: resolve(SEPARATE, 'api'),
      },
      dtsRollup: { enabled: true, untrimmedFilePath: resolve(`dist/doors/${door}.d.ts`) },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel },
          // Everything that a door exports is public.
          'ae-missing-release-tag': none,
          // A test asks for the docstrings of what is exported, not of every field.
          'ae-undocumented': none,
          'ae-unresolved-link': none,
        },
        tsdocMessageReporting: { default: none },
      },
    },
  });
}

if (import.meta.filename === process.argv[1]) {
  const isRight = writeDeclarations(process.argv.includes('--write') ? 'write' : 'check');
  process.exitCode = isRight ? 0 : 1;
}
