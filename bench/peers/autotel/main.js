import { flush, init, span } from 'autotel';
import { throwAway, thrownAway } from '../throw-away.js';

const attributes = () => ({ 'app.text': 'text', 'app.number': 3, 'app.flag': true });

export function start(destination) {
  init({
    service: 'bench',
    // By default it exports a tenth.
    sampling: 'development',
    ...(destination.kind === 'receiver'
      ? { endpoint: destination.endpoint }
      : { spanExporters: [throwAway()], metrics: false, endpoint: 'http://127.0.0.1:9' }),
  });
  return {
    pair: () =>
      span({ name: 'outer', attributes: attributes() }, () =>
        span({ name: 'inner', attributes: attributes() }, async () => 1),
      ),
    flush: () => flush(),
    exported: thrownAway,
  };
}
