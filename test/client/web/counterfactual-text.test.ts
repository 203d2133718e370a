import { expect, test } from 'vitest';
import { counterfactualText } from '../../../client/web/src/view/counterfactual-text.ts';

test('tells what each stream alone would score, and zeros for what is synthesised', () => {
  expect(counterfactualText({ asIs: 0.4, only: { video: 1.24, text: -0.31 }, zeroFilled: 0 })).toBe(
    'Video alone +1.2, Captions alone −0.3, zeros for synthesis 0.0',
  );
  expect(counterfactualText({ asIs: null, only: { left_camera: null }, zeroFilled: null })).toBe(
    'Left camera alone nothing, zeros for synthesis nothing',
  );
});
