import type { Tracer } from '@opentelemetry/api';

/** Looked at for each request. */
export interface WatchSettings {
  isEnabled: boolean;
  /** Default: that of the registered provider. */
  tracer: Tracer | undefined;
}
