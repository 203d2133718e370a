import type { Component } from '../../../models/graph/component.ts';
import type { Value } from '../../../models/graph/graph.ts';
import type { ParamTree, ParamValues } from '../../../models/graph/param.ts';
import type { TaskHeadOutput } from '../../../models/heads/task-head.ts';
import { trmlHeads, type HeadsConfig, type HeadsInput } from '../../../models/heads/trml.ts';
import { LATE_FUSION_GRID, type LateFusionConfig, type Method } from '../methods.ts';
import { lateFusionNet } from './late-fusion.ts';
import { unimodalNet } from './unimodal.ts';

/** What a method's net gives; virtual embeddings [N, d] where it synthesises any. */
export interface NetOutput extends TaskHeadOutput {
  readonly virtualVideo?: Value;
  readonly virtualText?: Value;
}

export type Net = Component<ParamTree, HeadsInput, NetOutput>;

/** The net of a method, on heads of that shape. @throws RangeError of a method that has none */
export function methodNet(method: Method, heads: HeadsConfig): Net {
  if (method.net === 'late-fusion')
    return anyNet(lateFusionNet(heads, method.lateFusion ?? (LATE_FUSION_GRID[0] as LateFusionConfig)));
  if (method.net === 'none') throw new RangeError(`${method.name} has no net`);
  if (method.net !== 'trml') return anyNet(unimodalNet(method.net, heads));
  return anyNet(trmlHeads({ ...heads, ...method.heads, fill: method.fill === 'net' ? 'virtual' : 'zero' }));
}

/** Nets of different parameters as one type; each only ever gets the values of its own. */
function anyNet<P extends ParamTree>(net: Component<P, HeadsInput, NetOutput>): Net {
  return { params: net.params, forward: (g, p, input) => net.forward(g, p as ParamValues<P>, input) };
}
