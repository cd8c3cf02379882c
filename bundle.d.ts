/** Returns what the bundlers of the build and of the tests have to define. */
export function constants(): Promise<Record<string, string>>;

/** The code to put around each file of hotspan's. */
export const marks: Readonly<Record<'banner' | 'footer', { readonly js: string }>>;
