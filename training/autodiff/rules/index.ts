import type { Rule } from '../rule.ts';
import { elementwiseRules } from './elementwise.ts';
import { linearRules } from './linear-rules.ts';
import { normaliseRules } from './normalise.ts';
import { shapeRules } from './shape-rules.ts';

/** Reverse-mode rule per ONNX operator. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  [elementwiseRules, linearRules, normaliseRules, shapeRules].flatMap((rules) => Object.entries(rules)),
);

/** Operators through which no gradient flows. */
export const WITHOUT_GRADIENT: ReadonlySet<string> = new Set(['Cast', 'Identity', 'ConstantOfShape']);
