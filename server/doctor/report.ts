import type { Check } from './check.ts';

export interface DoctorReport {
  /** Everything that is needed is there; else the command line ends with 3. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}
