/** What a row is called: with its service where there are several. */
export function rowName(
  { name, service = '' }: { readonly name: string; readonly service?: string | undefined },
  several: boolean,
): string {
  return several && service !== '' ? `${name} (${service})` : name;
}
