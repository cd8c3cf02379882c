import { arch, hostname } from 'node:os';
import {
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { SERVICE_NAME } from '../semconv.js';

type ResourceAttributes = Readonly<Record<string, string | number | boolean>>;

/**
 * Who made the spans: host, process, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME` and the
 * options, the later over the earlier.
 *
 * The SDK's own process detector also records the command line, in which people pass keys, and its
 * host detector is asynchronous, which holds every span back until it is done; neither is used.
 */
export function makeResource(
  serviceName: string | undefined,
  attributes: ResourceAttributes,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Resource {
  const here = resourceFromAttributes({
    [SERVICE_NAME]: 'unknown_service:node',
    'host.name': hostname(),
    'host.arch': arch(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
  });
  const given = resourceFromAttributes({
    ...attributes,
    ...(serviceName === undefined ? {} : { [SERVICE_NAME]: serviceName }),
  });
  const named = detectResources({ detectors: [envDetector] });
  // The detector drops all of them when it cannot read one, and says so to nobody.
  const isGiven = (env.OTEL_RESOURCE_ATTRIBUTES ?? '').replaceAll(',', '').trim() !== '';
  if (isGiven && Object.keys(named.attributes).every((key) => key === SERVICE_NAME)) {
    log(
      'hotspan: expected OTEL_RESOURCE_ATTRIBUTES to be key=value,key=value with "," and "=" ' +
        'percent-encoded within, got something else; it is ignored.',
    );
  }
  return here.merge(named).merge(given);
}
