import { linearParams } from '../encoders/layers.ts';
import { component } from '../graph/component.ts';
import type { Value } from '../graph/graph.ts';
import { add, gelu, l2Normalize, linear } from '../graph/ops/index.ts';

/**
 * An inference head: `depth` times Linear and GELU, Linear, plus the input when it has the output's size, L2-normalised
 * into the foundation model's space. x [N, I] to [N, O].
 */
export function inferenceHead(input: number, hidden: number, output: number, depth = 1) {
  const params = {
    up: linearParams(input, hidden),
    ...(depth > 1 ? { between: Array.from({ length: depth - 1 }, () => linearParams(hidden, hidden)) } : {}),
    down: linearParams(hidden, output, 0.5),
  };
  return component(params, (g, p, x: Value) => {
    let inner = gelu(g, linear(g, x, p.up));
    for (const layer of p.between ?? []) inner = gelu(g, linear(g, inner, layer));
    const y = linear(g, inner, p.down);
    return l2Normalize(g, input === output ? add(g, x, y) : y);
  });
}
