/** A command: `echo "Where is my refund?" | npx hotspan run -- node script/script.js`. */
import { text } from 'node:stream/consumers';
import { answer } from '../assistant.js';

const question = await text(process.stdin);
console.log(await answer(question));
// Many commands end like this, whatever still waits to be sent.
process.exit(0);
