/**
 * Takes the credentials out of every address in a text: `http://user:password@host` becomes `http://host`.
 * The rest of the text stays as it is.
 */
export function withoutSecrets(text: string): string {
  return text.replace(/(:\/\/)[^\s/?#]*@/g, '$1');
}
