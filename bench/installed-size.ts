/** Measures what an installation brings with it. */
import { inTemporaryFolder, install, pack, type Installation } from './installation.js';
import { megabytes, table } from './markdown.js';
import {
  BARE,
  BARE_PACKAGES,
  dependenciesOf,
  HOTSPAN,
  installedPeers,
  ROOT,
  versionOf,
} from './peer-list.js';
import type { Findings, Section } from './section.js';

function installHotspan(): Installation {
  const api = versionOf('@opentelemetry/api');
  return inTemporaryFolder((packed) => {
    const hotspan = `file:${pack(ROOT, packed)}`;
    return inTemporaryFolder((folder) => install(folder, { hotspan, '@opentelemetry/api': api }));
  });
}

function run(): Promise<Findings> {
  const bare = Object.fromEntries(BARE_PACKAGES.map((name) => [name, versionOf(name)]));
  const installations: (readonly [string, () => Installation])[] = [
    [BARE.name, () => inTemporaryFolder((folder) => install(folder, bare))],
    [HOTSPAN.name, installHotspan],
    ...installedPeers().map(
      (peer) =>
        [
          peer.name,
          () => inTemporaryFolder((folder) => install(folder, dependenciesOf(peer))),
        ] as const,
    ),
  ];
  const rows: string[][] = [];
  for (const [name, installed] of installations) {
    try {
      const { packages, bytes } = installed();
      rows.push([name, String(packages), megabytes(bytes)]);
    } catch {
      rows.push([name, 'not installed', '']);
      console.error(`${name} could not be installed from the registry.`);
    }
  }
  return Promise.resolve({ text: table(['', 'packages', 'files'], rows), goals: [] });
}

/** The section. */
export const installedSizeSection: Section = {
  name: 'installed-size',
  title: 'Installed size',
  about:
    '`npm install` puts what is needed to send spans into an empty folder, without running ' +
    'scripts. hotspan is installed as packed, with `@opentelemetry/api`.',
  run,
};
