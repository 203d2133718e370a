import type { ParamStore } from '../../models/graph/param.ts';
import { applyBridge } from './apply-bridge.ts';
import type { BothWays } from './baselines.ts';
import { measureText, measureVisual } from './measure-synthesis.ts';
import type { EmbeddingPairs } from './pairs.ts';
import { BRIDGE } from './train-bridge.ts';

/** Measures trained heads on held-out pairs, through the graph that bundles hold. */
export async function measureBridge(params: ParamStore, test: EmbeddingPairs): Promise<BothWays> {
  const flat = await applyBridge(params, BRIDGE.textToVisual, test.captions.flat());
  let at = 0;
  const virtual = test.captions.map((own) => flat.slice(at, (at += own.length)));
  const texts = await applyBridge(params, BRIDGE.visualToText, test.images);
  return { textToVisual: measureVisual(virtual, test.images), visualToText: measureText(texts, test.captions) };
}
