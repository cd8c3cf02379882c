export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function percent(share: number): string {
  const text = (100 * share).toFixed(1);
  return `${text.endsWith('.0') ? text.slice(0, -2) : text} %`;
}
