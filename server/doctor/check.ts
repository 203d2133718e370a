export interface Check {
  readonly name: string;
  /** `missing` is a failure where it is needed, and only told where it is not. */
  readonly status: 'ok' | 'missing';
  /** False when only a part that one may do without lacks it. */
  readonly needed: boolean;
  /** What was found, or why it does not count. */
  readonly detail: string;
  /** How to get it, on this system. */
  readonly advice?: string;
}

export function found(name: string, needed: boolean, detail: string): Check {
  return { name, status: 'ok', needed, detail };
}

export function lacking(name: string, needed: boolean, detail: string, advice: string): Check {
  return { name, status: 'missing', needed, detail, advice };
}
