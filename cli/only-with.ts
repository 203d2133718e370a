import { EXIT, UndertoneError } from '../models/errors.ts';

/** @throws UndertoneError `bad_setting` for an option that says nothing without another one */
export function onlyWith(option: string, given: unknown, others: Readonly<Record<string, unknown>>): void {
  const [lost] = Object.entries(others).find(([, value]) => given === undefined && value !== undefined) ?? [];
  if (lost === undefined) return;
  throw new UndertoneError('bad_setting', `${lost} is for ${option} alone; leave it out`, { exitCode: EXIT.usage });
}
