import { arch, hostname } from 'node:os';
import {
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { SERVICE_NAME } from '../semconv.js';
import type { Environment } from './environment.js';
import type { TracingOptions } from './start-tracing.js';

/**
 * The options come before `OTEL_SERVICE_NAME`, and that before `OTEL_RESOURCE_ATTRIBUTES`. The SDK's own process detector also records the command line, in which people pass keys, and its
 * host detector is asynchronous, which holds every span back until it is done. Neither is used.
 */
export function makeResource(
  { serviceName, resourceAttributes }: TracingOptions,
  env: Environment,
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
    ...resourceAttributes,
    ...(serviceName === undefined ? {} : { [SERVICE_NAME]: serviceName }),
  });
  const named = detectResources({ detectors: [envDetector] });
  // The detector drops all attributes when it cannot read one, and does not report it.
  const name = 'OTEL_RESOURCE_ATTRIBUTES';
  const isGiven = /[^,\s]/.test(env.text(name) ?? '');
  if (isGiven && Object.keys(named.attributes).every((key) => key === SERVICE_NAME)) {
    env.complain(name, 'key=value,key=value with "," and "=" percent-encoded within');
  }
  return here.merge(named).merge(given);
}
