const TOKENS: readonly (readonly [RegExp, string])[] = [
  [/-lrb-/gi, '('],
  [/-rrb-/gi, ')'],
  [/-lsb-/gi, '['],
  [/-rsb-/gi, ']'],
  [/\\([/*])/g, '$1'],
  [/`` ?/g, '"'],
  [/ ?''/g, '"'],
  [/` /g, "'"],
  [/ (n't|n 't|'(?:s|re|ve|ll|d|m))(?![\p{L}\p{N}])/giu, '$1'],
  [/\b(can(?= not)|(?:gon|wan)(?= na)|got(?= ta)) (not|na|ta)\b/gi, '$1$2'],
  [/([([]) /g, '$1'],
  [/ ([)\].,;:?!%])/g, '$1'],
  [/\$ (\d)/g, '$$$1'],
];

/**
 * Joins the tokens of the Penn Treebank's tokenisation into ordinary text, so that what a model learns from it fits what
 * people type and captions say: `it is n't bad -lrb- at all -rrb- .` becomes
 * `it isn't bad (at all).`
 */
export function joinTreebankTokens(text: string): string {
  return TOKENS.reduce((joined, [pattern, replacement]) => joined.replaceAll(pattern, replacement), text);
}
