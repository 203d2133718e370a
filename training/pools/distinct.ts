import type { Random } from '../../models/random.ts';

/** `count` of the numbers below `n`, each once. */
export function distinct(draw: Random, n: number, count: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + draw.int(n - i);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order.slice(0, count);
}
