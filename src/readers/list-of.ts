const MAX_SHOWN = 20;

/** Names for a message, in order; not all when there are many. */
export function listOf(names: readonly string[]): string {
  const shown = [...names].sort().slice(0, MAX_SHOWN).join(', ');
  return names.length > MAX_SHOWN ? `${shown} and ${names.length - MAX_SHOWN} more` : shown;
}
