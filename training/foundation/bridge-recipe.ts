import type { BridgeRecipe } from './evaluate-bridge.ts';

/** How the heads between modalities are trained on some tens of pairs, as `undertone heads` does. */
export const BRIDGE_RECIPE: BridgeRecipe = {
  config: {
    hidden: 128,
    steps: 200,
    rate: 1e-3,
    decay: 20,
    tau: 0.03,
    symmetric: true,
    closeness: { textToVisual: 6, visualToText: 6 },
    transplant: 1,
    blend: 0.3,
  },
  candidates: [4, 6, 9],
  innerFolds: 4,
};
