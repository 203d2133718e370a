import type { Bundle } from '../bundle/bundle.ts';
import type { DeviceInfo, ModelInfo } from '../model.ts';

/** What a bundle's manifest tells the rest of the program. */
export function modelInfo({ manifest, sha256 }: Bundle, device: DeviceInfo): ModelInfo {
  return {
    name: manifest.name,
    version: manifest.version,
    sha256,
    dimension: manifest.dimension,
    windowMs: manifest.window_ms,
    hopMs: manifest.hop_ms,
    modalities: manifest.modalities.map(({ name, kind, slots, encoder: { preprocessing } }) =>
      'size' in preprocessing ? { name, kind, slots, image: preprocessing } : { name, kind, slots },
    ),
    emotions: manifest.emotions,
    calibration: manifest.calibration,
    fidelity: manifest.fidelity ?? {},
    device,
  };
}
