/** The version of this package; a test holds it against package.json. */
export const VERSION = '0.1.0';
/** The name of hotspan's own instrumentation. */
export const OWN_SCOPE = 'hotspan';
