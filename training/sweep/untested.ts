import type { Loss } from './loss.ts';
import { sameLoss } from './plan.ts';
import type { Unit, UnitResult } from './unit.ts';

/** What of a unit's testing its result lacks; all of it where there is no result. */
export function untested({ testing }: Pick<Unit, 'testing'>, result: UnitResult | undefined): (Loss | null)[] {
  return testing.filter((loss) => result?.tests.some((test) => sameLoss(test.testing, loss)) !== true);
}
