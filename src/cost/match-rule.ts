/** How a price list in the form of genai-prices tells a model by its name. */
export interface MatchRule {
  readonly equals?: string;
  readonly starts_with?: string;
  readonly ends_with?: string;
  readonly contains?: string;
  readonly regex?: string;
  readonly or?: readonly MatchRule[];
  readonly and?: readonly MatchRule[];
}

/** Capitals make no difference, except to a regular expression. Throws on one that is none. */
export function isMatch(rule: MatchRule, model: string): boolean {
  const { equals, starts_with, ends_with, contains, regex, or, and } = rule;
  const name = model.toLowerCase();
  if (equals !== undefined) return name === equals.toLowerCase();
  if (starts_with !== undefined) return name.startsWith(starts_with.toLowerCase());
  if (ends_with !== undefined) return name.endsWith(ends_with.toLowerCase());
  if (contains !== undefined) return name.includes(contains.toLowerCase());
  if (regex !== undefined) return new RegExp(regex).test(name);
  if (or !== undefined) return or.some((each) => isMatch(each, model));
  return and?.every((each) => isMatch(each, model)) ?? false;
}
