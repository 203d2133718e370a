import { EXIT, UndertoneError } from '../../models/errors.ts';
import { Loss } from '../protocol/index.ts';
import type { ModelInfo } from '../../models/model.ts';

/** Loss per modality name: a share of its items in [0, 1], or the protocol's full description. */
export type Drop = Readonly<Record<string, number | Loss>>;

/** @throws UndertoneError `unknown_modality`, `bad_drop`. */
export function lossesOf(drop: Drop, seed: number, info: ModelInfo): Record<string, Loss> {
  const names = info.modalities.map((modality) => modality.name);
  return Object.fromEntries(
    Object.entries(drop).map(([modality, given]) => {
      if (!names.includes(modality)) {
        const message = `the bundle has no modality ${modality} to drop, only ${names.join(', ')}`;
        throw new UndertoneError('unknown_modality', message, { exitCode: EXIT.usage });
      }
      const loss = Loss.safeParse(typeof given === 'number' ? { rate: given, seed } : given);
      if (loss.success) return [modality, loss.data];
      throw new UndertoneError('bad_drop', whatIsWrong(modality, loss.error.issues[0]?.path[0]), {
        exitCode: EXIT.usage,
      });
    }),
  );
}

function whatIsWrong(modality: string, field: PropertyKey | undefined): string {
  if (field === 'seed') return 'the seed of a loss must be a whole number from 0 to 4294967295';
  if (field === undefined || field === 'rate') return `the loss of ${modality} must be a share between 0 and 1`;
  return `the loss of ${modality} has a ${String(field)} that is not valid`;
}
