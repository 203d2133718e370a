import type { ImageInput } from '../../models/model.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { imageFault, readImages } from '../datasets/read-image.ts';
import type { OnBad } from '../datasets/sink.ts';

/** An image that is read when its turn comes. */
export interface ShownImage {
  readonly id: string;
  readonly read: () => ImageInput | Promise<ImageInput>;
}

export interface Shown {
  /** [images, d]; zeros where there is nothing. */
  readonly rows: Float32Array;
  /** Those in which a model that looks for a face sees none. */
  readonly faceless: ReadonlySet<number>;
  /** Those that could not be read or decoded. */
  readonly bad: ReadonlySet<number>;
}

/**
 * Encodes images.
 *
 * @param options `skipBad` leaves out what cannot be read and tells it to `onBad`; `withoutFace` as in {@link LocalModel.encodeImages}
 * @throws UndertoneError `data_image` with the id of an image that cannot be read, without `skipBad`; the signal's reason
 */
export async function encodeShown(
  model: Pick<LocalModel, 'info' | 'encodeImages'>,
  modality: string,
  images: readonly ShownImage[],
  {
    skipBad = false,
    onBad = () => {},
    withoutFace = 'refuse',
    signal,
  }: {
    skipBad?: boolean;
    onBad?: OnBad | undefined;
    withoutFace?: 'refuse' | 'middle';
    signal?: AbortSignal | undefined;
  } = {},
): Promise<Shown> {
  const { dimension } = model.info;
  const readable = await readImages([...images.entries()], {
    nameOf: ([, { id }]) => id,
    read: async ([index, { read }]) => ({ index, input: await read() }),
    onBad: skipBad ? onBad : undefined,
    signal,
  });
  const { embeddings, failures } = await model.encodeImages(
    modality,
    readable.map(({ input }) => input),
    { withoutFace },
  );
  const broken = new Map(failures.map(({ index, error }) => [index, error]));
  const rows = new Float32Array(images.length * dimension);
  const faceless = new Set<number>();
  const bad = new Set(images.keys());
  for (const [row, { index }] of readable.entries()) {
    const error = broken.get(row);
    const noFace = error?.code === 'no_face';
    if (error !== undefined && !noFace) {
      const fault = imageFault(images[index]?.id ?? '', error, skipBad);
      if (!skipBad) throw fault;
      onBad(fault);
    }
    if (error === undefined || noFace) bad.delete(index);
    if (noFace) faceless.add(index);
    rows.set(embeddings.subarray(row * dimension, (row + 1) * dimension), index * dimension);
  }
  return { rows, faceless, bad };
}
