import { expect, it } from 'vitest';
import { ABLATIONS } from '../../../training/sweep/methods.ts';

it('has an ablation of everything that the paper leaves open', () => {
  const changed = ABLATIONS.flatMap(({ heads, matching, optimizer, slots }) => [
    ...Object.keys({ ...heads, ...matching, ...optimizer }),
    ...(slots === undefined ? [] : ['slots']),
  ]);
  for (const open of ['slots', 'inference', 'depth', 'pooling', 'frames', 'alpha', 'tau', 'symmetric', 'weightDecay'])
    expect(changed).toContain(open);
});
