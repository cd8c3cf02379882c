/** Takes the credentials out of all addresses in a text: `http://user:password@host`. */
export function withoutSecrets(text: string): string {
  const isAddress = /^[a-z][a-z\d+.-]*:[/\\]/i.test(text);
  // In a damaged address the password may hold anything: it ends at the last "@" there is.
  if (isAddress && !URL.canParse(text)) return text.replace(/^([^:]*:).*@/s, '$1//');
  const first = isAddress ? text.replace(/^([^:]*:)[/\\]*[^/\\?#]*@/, '$1//') : text;
  return first.replace(/(:\/\/)[^\s/?#]*@/g, '$1');
}
