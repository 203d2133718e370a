import { UndertoneError } from '../errors.ts';
import type { EncoderInput, ImageInput, ModelInfo, TextInput } from '../model.ts';

/** @throws UndertoneError `unknown_modality` for an image given to a text modality */
export function asText(modality: string, input: EncoderInput): TextInput {
  if (input.kind === 'text') return input;
  throw new UndertoneError('unknown_modality', `modality ${modality} takes text, not images`);
}

/** @throws UndertoneError `unknown_modality` for text given to an image modality */
export function asImage(modality: string, input: EncoderInput): ImageInput {
  if (input.kind !== 'text') return input;
  throw new UndertoneError('unknown_modality', `modality ${modality} takes images, not text`);
}

export function unknownModality(modality: string, { modalities }: Pick<ModelInfo, 'modalities'>): UndertoneError {
  const known = modalities.map(({ name }) => name).join(', ');
  return new UndertoneError('unknown_modality', `the model has no modality ${modality}; it has ${known}`);
}
