import type { Bundle } from '../bundle/bundle.ts';
import type { ManifestModality } from '../bundle/manifest.ts';
import type { DeviceInfo, ModalitySpec, ModelInfo } from '../model.ts';

/** What a bundle's manifest tells the rest of the program. */
export function modelInfo({ manifest, sha256 }: Bundle, device: DeviceInfo): ModelInfo {
  return {
    name: manifest.name,
    version: manifest.version,
    sha256,
    foundation: manifest.foundation?.name,
    encodersOf: manifest.encoders_of?.sha256,
    dimension: manifest.dimension,
    windowMs: manifest.window_ms,
    hopMs: manifest.hop_ms,
    modalities: manifest.modalities.map(modalitySpec),
    emotions: manifest.emotions,
    calibration: manifest.calibration,
    fidelity: manifest.fidelity ?? {},
    device,
  };
}

function modalitySpec(modality: ManifestModality): ModalitySpec {
  const { name, kind, slots } = modality;
  if (modality.kind === 'text')
    return { name, kind, slots, ...(modality.adapter === undefined ? {} : { adapted: true }) };
  const { preprocessing, finder } = modality.encoder;
  return { name, kind, slots, image: { ...preprocessing, whole: finder?.frame_side } };
}
