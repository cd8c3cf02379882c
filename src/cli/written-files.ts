import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { toChromeTrace } from '../report/chrome-trace.js';
import { toFolded } from '../report/folded.js';
import { toHtml } from '../report/html.js';
import { toSpeedscope } from '../report/speedscope.js';
import type { Summary } from '../summary.js';
import { VERSION } from '../version.js';
import { say } from './output.js';

/** A file for each format that other programs show. */
export interface FileOptions {
  readonly html?: string;
  readonly speedscope?: string;
  readonly chromeTrace?: string;
  readonly folded?: string;
}

interface Written {
  readonly flag: string;
  readonly help: string;
  readonly what: string;
  readonly print: (summary: Summary, jaegerUrl: string | undefined) => string;
}

const FILES: Readonly<Record<keyof FileOptions, Written>> = {
  html: {
    flag: '--html',
    help: 'also write a page to look at in a browser',
    what: 'the page',
    print: (summary, jaegerUrl) => toHtml(summary, { jaegerUrl }),
  },
  speedscope: {
    flag: '--speedscope',
    help: 'also write call paths and critical paths for https://www.speedscope.app',
    what: 'what speedscope draws',
    print: (summary) => toSpeedscope(summary, VERSION),
  },
  chromeTrace: {
    flag: '--chrome-trace',
    help: "also write the slowest and typical traces for Perfetto and Chrome's DevTools",
    what: 'what Perfetto draws',
    print: toChromeTrace,
  },
  folded: {
    flag: '--folded',
    help: 'also write critical time by call path as folded stacks, for flamegraph.pl',
    what: 'the list of folded stacks',
    print: toFolded,
  },
};

export function addFileOptions(command: Command): Command {
  for (const { flag, help } of Object.values(FILES)) command.option(`${flag} <file>`, help);
  return command;
}

/** Writes the files that were asked for. @throws BadInputError, and the errors of the file system */
export function writeFiles(options: FileOptions, summary: Summary, jaegerUrl?: string): void {
  for (const [name, { what, print }] of Object.entries(FILES)) {
    const file = options[name as keyof FileOptions];
    if (file !== undefined) writeFile(what, file, print(summary, jaegerUrl));
  }
}

/** Writes a file, and says where it is. @throws the errors of the file system */
export function writeFile(what: string, file: string, text: string): void {
  writeFileSync(file, text);
  say(`${what} is in ${file}`);
}
