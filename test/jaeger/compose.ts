import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The part of a service that the tests look at. */
export interface ComposeService {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly mem_limit?: string;
}

/** What docker-compose.yml starts, by name. */
export const services = (
  parse(readFileSync(`${root}docker-compose.yml`, 'utf8'), { merge: true }) as {
    services: Readonly<Record<string, ComposeService>>;
  }
).services;

/** The files of this project that a service mounts, by where they are in the container. */
export function mountedFiles({ volumes = [] }: ComposeService): ReadonlyMap<string, string> {
  const mounts = volumes.map((volume) => volume.split(':'));
  const files = mounts.filter(([source = '']) => source.startsWith('./'));
  return new Map(files.map(([source = '', target = '']) => [target, source.slice(2)]));
}

/** The options that a service gives Jaeger, with the files of this checkout in place of the mounted ones. */
export function jaegerOptions(service: ComposeService): string[] {
  const files = mountedFiles(service);
  return (service.command ?? []).map((option) => {
    const [name = '', path = ''] = option.split('=');
    const file = files.get(path);
    return file === undefined ? option : `${name}=${root}${file}`;
  });
}
