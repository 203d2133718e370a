import { z } from 'zod';
import type { Manifest } from '../../models/bundle/manifest.ts';

const Names = z.array(z.string());

/**
 * Names of the data sets that a bundle's encoders were trained on; undefined where it does not tell, as with heads that an
 * earlier version trained for the encoders of another bundle. The data of heads that were trained for
 * encoders of another bundle, or of a foundation model, is none of the encoders'.
 */
export function encodersSaw({
  encoders_of: encodersOf,
  foundation,
  training,
  data,
}: Pick<Manifest, 'encoders_of' | 'foundation' | 'training' | 'data'>): readonly string[] | undefined {
  if (encodersOf !== undefined) return Names.safeParse(training['encoders_saw']).data;
  return foundation === undefined ? data.map(({ name }) => name) : [];
}
