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
  return here.merge(detectResources({ detectors: [envDetector] })).merge(given);
}
