/** Behind comments, white space and parentheses. */
const FIRST_WORD = /^(?:\s|\(|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*([a-z]+)\b/i;
const PART = '(?:"[^"]+"|`[^`]+`|\\[[^\\]]+\\]|[\\w$-]+)';
const IDENTIFIER = `(${PART}(?:\\.${PART})*)`;

/** What stands before the name of the table, by the first word. */
const BEFORE_TABLE: Readonly<Record<string, RegExp>> = {
  SELECT: before('\\bfrom\\s+(?:only\\s+)?'),
  WITH: before('\\bfrom\\s+(?:only\\s+)?'),
  DELETE: before('\\bfrom\\s+(?:only\\s+)?'),
  INSERT: before('\\binto\\s+'),
  REPLACE: before('\\binto\\s+'),
  MERGE: before('\\binto\\s+'),
  UPDATE: before('\\bupdate\\s+(?:only\\s+)?'),
  CREATE: before('\\btable\\s+(?:if\\s+not\\s+exists\\s+)?'),
  ALTER: before('\\btable\\s+(?:if\\s+exists\\s+)?'),
  DROP: before('\\btable\\s+(?:if\\s+exists\\s+)?'),
  TRUNCATE: before('\\btruncate\\s+(?:table\\s+)?'),
};

/**
 * Reads what a statement of a database does, and to which table: its first word, and what stands where SQL
 * has the table. Reads nothing of its values. Empty for what begins with no word, such as JSON.
 */
export function operationAndTable(statement: string): {
  readonly operation?: string;
  readonly table?: string;
} {
  const operation = FIRST_WORD.exec(statement)?.[1]?.toUpperCase();
  if (operation === undefined) return {};
  const pattern = BEFORE_TABLE[operation];
  // Texts may hold anything.
  const table = pattern?.exec(statement.replace(/'[^']*(?:'|$)/g, "''"))?.[1];
  return table === undefined ? { operation } : { operation, table: table.replace(/["`[\]]/g, '') };
}

function before(words: string): RegExp {
  return new RegExp(words + IDENTIFIER, 'i');
}
