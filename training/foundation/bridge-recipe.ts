import type { BridgeRecipe } from './evaluate-bridge.ts';

/** How the heads between modalities are trained on some tens of pairs, as `undertone heads` does. */
export const BRIDGE_RECIPE: BridgeRecipe = {
  config: {
    hidden: 128,
    steps: 60,
    rate: 2e-3,
    decay: 20,
    tau: 0.03,
    symmetric: false,
    transplant: 1,
    blend: 0.3,
  },
  candidates: [10, 12, 14, 17],
  margin: 0.015,
  innerFolds: 4,
};
