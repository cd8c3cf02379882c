import { URL } from 'node:url';
import * as Sentry from '@sentry/node';

const attributes = () => ({ 'app.text': 'text', 'app.number': 3, 'app.flag': true });

export function start(destination) {
  const { host } = new URL(destination.endpoint ?? 'http://127.0.0.1:9');
  Sentry.init({
    dsn: `http://key@${host}/1`,
    tracesSampleRate: 1,
    ...(destination.kind === 'receiver'
      ? {}
      : { transport: () => ({ send: async () => ({}), flush: async () => true }) }),
  });
  return {
    pair: () =>
      Sentry.startSpan({ name: 'outer', attributes: attributes() }, () =>
        Sentry.startSpan({ name: 'inner', attributes: attributes() }, async () => 1),
      ),
    flush: () => Sentry.flush(10_000),
  };
}
