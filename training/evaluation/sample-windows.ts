import type { ImageInput, WindowInput } from '../../models/model.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import type { Sample } from '../datasets/sample.ts';
import type { OnBad } from '../datasets/sink.ts';
import { encodeShown } from '../embeddings/encode-shown.ts';

export interface SampleWindows {
  /** One per sample. */
  readonly windows: readonly WindowInput[];
  /** Samples whose image cannot be read. */
  readonly bad: ReadonlySet<number>;
}

interface Rows {
  readonly rows: Float32Array;
  /** Of which there is nothing to observe. */
  readonly absent: ReadonlySet<number>;
}

/**
 * One window per sample, with everything observed that the sample has: its image in every slot, its text. A blank text is
 * none, and neither is an image in which a model that looks for faces sees none.
 *
 * @param imageOf what is shown of a sample
 * @throws UndertoneError `data_image` with the sample's id, without `skipBad`; the signal's reason
 */
export async function sampleWindows(
  model: LocalModel,
  samples: readonly Sample[],
  {
    imageOf,
    ...leaving
  }: {
    readonly imageOf: (index: number) => Promise<ImageInput>;
    readonly skipBad: boolean;
    readonly onBad?: OnBad | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<SampleWindows> {
  const { dimension, modalities } = model.info;
  const windows = samples.map((): Record<string, { embeddings: Float32Array; mask: Float32Array }> => ({}));
  const bad = new Set<number>();
  for (const { name, kind, slots } of modalities) {
    for (const window of windows)
      window[name] = { embeddings: new Float32Array(slots * dimension), mask: new Float32Array(slots) };
    const having = [...samples.keys()].filter((i) => has(samples[i], kind));
    const encode = async (): Promise<Rows> => {
      if (kind === 'text') {
        const texts = having.map((i) => samples[i]?.text ?? '');
        return { rows: await model.encodeTexts(name, texts), absent: new Set() };
      }
      const shown = having.map((i) => ({ id: samples[i]?.id ?? '', read: () => imageOf(i) }));
      const seen = await encodeShown(model, name, shown, leaving);
      for (const row of seen.bad) bad.add(having[row] ?? 0);
      return { rows: seen.rows, absent: new Set([...seen.faceless, ...seen.bad]) };
    };
    const { rows, absent } = await encode();
    for (const [row, at] of having.entries()) {
      if (absent.has(row)) continue;
      const part = windows[at]?.[name];
      for (let slot = 0; slot < slots; slot++)
        part?.embeddings.set(rows.subarray(row * dimension, (row + 1) * dimension), slot * dimension);
      part?.mask.fill(1);
    }
  }
  return { windows, bad };
}

function has(sample: Sample | undefined, kind: 'image' | 'text'): boolean {
  return kind === 'image' ? sample?.image !== undefined : (sample?.text ?? '').trim() !== '';
}
