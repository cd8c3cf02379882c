import tracer from 'dd-trace';

const tags = () => ({ 'app.text': 'text', 'app.number': 3, 'app.flag': true });

export function start(destination) {
  if (destination.kind !== 'receiver') throw new Error('it has no exporter that can be replaced');
  process.env.DD_INSTRUMENTATION_TELEMETRY_ENABLED = 'false';
  process.env.DD_REMOTE_CONFIGURATION_ENABLED = 'false';
  tracer.init({ url: destination.endpoint, startupLogs: false, service: 'bench' });
  return {
    pair: () =>
      tracer.trace('outer', { tags: tags() }, () =>
        tracer.trace('inner', { tags: tags() }, async () => 1),
      ),
    // It has no public one, and otherwise sends every two seconds.
    flush: () => new Promise((resolve) => tracer._tracer._exporter.flush(resolve)),
  };
}
