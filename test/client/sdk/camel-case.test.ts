import { expect, test } from 'vitest';
import { toCamel } from '../../../client/sdk/camel-case.ts';

test('names of modalities stay as they are, wherever they are keys', () => {
  const said = { same_label: 1 };
  expect(
    toCamel({
      modalities: { side_view: { age_ms: 3 } },
      shadow: { agreement: { side_view: said } },
      counterfactuals: { as_is: 1, only: { side_view: 2 } },
    }),
  ).toEqual({
    modalities: { side_view: { ageMs: 3 } },
    shadow: { agreement: { side_view: { sameLabel: 1 } } },
    counterfactuals: { asIs: 1, only: { side_view: 2 } },
  });
});
