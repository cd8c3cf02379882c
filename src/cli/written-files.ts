import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { FILE_FORMATS, printAs } from '../report/written-formats.js';
import type { Summary } from '../summary.js';
import { say } from './output.js';

type FileFormatName = keyof typeof FILE_FORMATS;

/** A file for each format that other programs show. */
export type FileOptions = Readonly<Partial<Record<FileFormatName, string>>>;

const NAMES = Object.keys(FILE_FORMATS) as FileFormatName[];

export function addFileOptions(command: Command): Command {
  for (const { flag, help } of Object.values(FILE_FORMATS)) command.option(`${flag} <file>`, help);
  return command;
}

/** Returns the files that were asked for, and what each is to hold. */
export function askedFiles(options: FileOptions): { format: FileFormatName; file: string }[] {
  return NAMES.flatMap((format) => {
    const file = options[format];
    return file === undefined ? [] : [{ format, file }];
  });
}

/** Writes the files that were asked for. @throws BadInputError, and the errors of the file system */
export function writeFiles(options: FileOptions, summary: Summary, jaegerUrl?: string): void {
  for (const { format, file } of askedFiles(options)) {
    writeFile(FILE_FORMATS[format].what, file, printAs(format, summary, { jaegerUrl }));
  }
}

/** Writes a file, and says where it is. @throws the errors of the file system */
export function writeFile(what: string, file: string, text: string): void {
  writeFileSync(file, text);
  say(`${what} is in ${file}`);
}
