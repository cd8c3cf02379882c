/** The part of a Markdown text below one heading. Offsets count characters. */
export interface Section {
  readonly heading: string;
  readonly start: number;
  readonly end: number;
}

/** Splits a Markdown text at its headings. A `#` in a code block is not a heading. */
export function sectionsOf(markdown: string): Section[] {
  const sections: Section[] = [];
  let heading = '';
  let start = 0;
  let offset = 0;
  let inCode = false;
  for (const line of markdown.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode;
    const title = inCode ? null : /^#{1,6}\s+(.+)$/.exec(line);
    if (title !== null) {
      sections.push({ heading, start, end: offset });
      heading = plainText(title[1] ?? '');
      start = offset + line.length + 1;
    }
    offset += line.length + 1;
  }
  sections.push({ heading, start, end: markdown.length });
  return sections.filter((section) => section.end > section.start);
}

/** Returns the readable text of Markdown, without code blocks, tables, images and HTML. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/^\s*(```|~~~)[\s\S]*?^\s*\1.*$/gm, '')
    .replace(/<!--[\s\S]*?-->|<\/?[a-z][^<>]*>/gi, '')
    .replace(/^\s*\|.*$/gm, '')
    .replace(/^\s*\[[^\]]+\]:.*$/gm, '')
    .replace(/^\s*([-*+]|\d+\.)\s*\[[^\]]*\]\(#[^)]*\)\s*$/gm, '')
    .replace(/!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])/g, '')
    .replace(/\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/^\s*(>\s*)+(\[![A-Z]+\])?/gm, '')
    .replace(/[`*]|\b_|_\b|\\$/gm, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
}
