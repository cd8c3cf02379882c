import './hotspan.js'; // build.js says why.
import { registerTracing } from '../node/register.js';

// For `require('hotspan/register')`, which cannot wait for an import.
registerTracing();
