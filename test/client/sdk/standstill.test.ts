import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Standstill } from '../../../client/sdk/standstill.ts';

let wallMs: number;
let awakeMs: number;
beforeEach(() => {
  [wallMs, awakeMs] = [1_700_000_000_000, 5000];
  vi.spyOn(Date, 'now').mockImplementation(() => wallMs);
  vi.spyOn(performance, 'now').mockImplementation(() => awakeMs);
});
afterEach(() => void vi.restoreAllMocks());

function wake(ms: number): void {
  wallMs += ms;
  awakeMs += ms;
}

test('what the wall alone went on counts, until it is reset or the server was there for long', () => {
  const standstill = new Standstill();
  wake(60_000);
  expect(standstill.totalMs()).toBe(0);
  wallMs += 30_000;
  standstill.look();
  wake(1000);
  wallMs += 40_000;
  expect(standstill.totalMs()).toBe(70_000);
  wake(110_000);
  standstill.look();
  expect(standstill.totalMs()).toBe(70_000);
  wake(20_000);
  // Nothing came from the server meanwhile, so it may not have waited.
  expect(standstill.totalMs()).toBe(70_000);
  standstill.look();
  expect(standstill.totalMs()).toBe(0);
  wallMs += 5000;
  standstill.reset();
  expect(standstill.totalMs()).toBe(0);
});

test('a clock of the wall that is set back, or right, is none', () => {
  const standstill = new Standstill();
  wallMs -= 3_600_000;
  expect(standstill.totalMs()).toBe(0);
  for (let i = 0; i < 100; i++) {
    wallMs += 200;
    standstill.look();
  }
  expect(standstill.totalMs()).toBe(0);
});
