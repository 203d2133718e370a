import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Manifest } from '../../models/bundle/manifest.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { type TextTokenizer, loadTokenizer } from '../../models/encoders/tokenizer.ts';
import { type OrtSession, type TensorData, openSession } from '../../models/runtime/session.ts';

type ImageModality = Extract<Manifest['modalities'][number], { kind: 'image' }>;
type TextModality = Extract<Manifest['modalities'][number], { kind: 'text' }>;

/** Numbers that the heads give for one window. */
export interface HeadsAnswer {
  readonly score: number;
  readonly sentimentLogits: Float32Array;
  readonly emotionLogits: Float32Array;
}

/** A bundle of one image and one text modality, everything alone and with the runtime's default threads. */
export class StraightforwardModel {
  readonly manifest: Manifest;
  readonly sha256: string;
  readonly image: ImageModality;
  readonly text: TextModality;
  encoded = 0;
  readonly #sessions: readonly [image: OrtSession, text: OrtSession, heads: OrtSession];
  readonly #tokenizer: TextTokenizer;

  constructor(
    manifest: Manifest,
    sha256: string,
    modalities: { image: ImageModality; text: TextModality },
    sessions: readonly [OrtSession, OrtSession, OrtSession],
    tokenizer: TextTokenizer,
  ) {
    this.manifest = manifest;
    this.sha256 = sha256;
    this.image = modalities.image;
    this.text = modalities.text;
    this.#sessions = sessions;
    this.#tokenizer = tokenizer;
  }

  static async open(dir: string): Promise<StraightforwardModel> {
    const { manifest, sha256 } = await readBundle(dir);
    const image = manifest.modalities.find((modality): modality is ImageModality => modality.kind === 'image');
    const text = manifest.modalities.find((modality): modality is TextModality => modality.kind === 'text');
    if (image === undefined || text === undefined) throw new Error('the baseline needs an image and a text modality');
    const sessions = [
      await openSession(join(dir, image.encoder.file), { spinning: true }),
      await openSession(join(dir, text.encoder.file), { spinning: true }),
      await openSession(join(dir, manifest.heads.file), { spinning: true }),
    ] as const;
    const json: unknown = JSON.parse(await readFile(join(dir, text.encoder.preprocessing.tokenizer), 'utf8'));
    return new StraightforwardModel(manifest, sha256, { image, text }, sessions, loadTokenizer(json));
  }

  /** The encoder takes bytes and normalises them in its graph, so that decoded pixels are all it needs. */
  async encodeImage(bytes: Uint8Array): Promise<Float32Array> {
    const { inputs, output, preprocessing } = this.image.encoder;
    const { size, fit } = preprocessing;
    const data = await sharp(bytes)
      .resize(size, size, { fit: fit === 'stretch' ? 'fill' : fit })
      .removeAlpha()
      .raw()
      .toBuffer();
    const result = await this.#sessions[0].run({ [inputs.pixels]: { type: 'uint8', dims: [1, size, size, 3], data } });
    this.encoded++;
    return floats(result, output);
  }

  async encodeText(text: string): Promise<Float32Array> {
    const { inputs, output, preprocessing } = this.text.encoder;
    if (inputs.mask === undefined) throw new Error('the baseline needs a text encoder with a mask');
    const ids = this.#tokenizer.encode(preprocessing.lower_case ? text.toLowerCase() : text, preprocessing.max_tokens);
    const dims = [1, ids.length];
    const result = await this.#sessions[1].run({
      [inputs.tokens]: { type: 'int64', dims, data: BigInt64Array.from(ids, BigInt) },
      [inputs.mask]: { type: 'float32', dims, data: new Float32Array(ids.length).fill(1) },
    });
    return floats(result, output);
  }

  /** `slots` and `text`: embeddings, null where nothing was observed. */
  async predict(slots: readonly (Float32Array | null)[], text: Float32Array | null): Promise<HeadsAnswer> {
    const result = await this.#sessions[2].run({
      ...this.#modality(this.image.name, slots),
      ...this.#modality(this.text.name, [text]),
    });
    return {
      score: floats(result, 'score')[0] ?? 0,
      sentimentLogits: floats(result, 'sentiment_logits'),
      emotionLogits: floats(result, 'emotion_logits'),
    };
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
  }

  #modality(name: string, slots: readonly (Float32Array | null)[]): Record<string, TensorData> {
    const { dimension } = this.manifest;
    const embeddings = new Float32Array(slots.length * dimension);
    const mask = new Float32Array(slots.length);
    for (const [i, slot] of slots.entries()) {
      if (slot === null) continue;
      embeddings.set(slot, i * dimension);
      mask[i] = 1;
    }
    return {
      [name]: { type: 'float32', dims: [1, slots.length, dimension], data: embeddings },
      [`${name}_mask`]: { type: 'float32', dims: [1, slots.length], data: mask },
    };
  }
}

function floats(outputs: Readonly<Record<string, TensorData>>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new Error(`the model gives no ${name}`);
}
