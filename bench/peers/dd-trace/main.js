import tracer from 'dd-trace';
import { throwAway, thrownAway } from '../throw-away.js';

const tags = () => ({ 'app.text': 'text', 'app.number': 3, 'app.flag': true });

export function start(destination) {
  process.env.DD_INSTRUMENTATION_TELEMETRY_ENABLED = 'false';
  process.env.DD_REMOTE_CONFIGURATION_ENABLED = 'false';
  const url = destination.endpoint ?? 'http://127.0.0.1:9';
  tracer.init({ url, startupLogs: false, service: 'bench' });
  // It has no public way to take another exporter, nor to flush this one, which sends every two seconds.
  const exporter = tracer._tracer._exporter;
  if (destination.kind !== 'receiver') {
    const away = throwAway();
    exporter.export = (spans) => away.export(spans, () => undefined);
  }
  return {
    pair: () =>
      tracer.trace('outer', { tags: tags() }, () =>
        tracer.trace('inner', { tags: tags() }, async () => 1),
      ),
    flush: () => new Promise((resolve) => exporter.flush(resolve)),
    exported: thrownAway,
  };
}
