import { readBundle } from '../../models/bundle/read-bundle.ts';
import { embeddingsOf } from '../../models/runtime/embeddings-of.ts';
import { ModelRunner } from '../../models/runtime/model-runner.ts';
import type { DeviceInfo } from '../../models/model.ts';

/** What a bundle gives for fixed inputs, as numbers. */
export interface ProviderOutputs {
  readonly video: readonly number[];
  readonly text: readonly number[];
  readonly score: readonly number[];
  readonly virtual: readonly (readonly number[])[];
}

/** Runs a bundle's encoders on three inputs and its heads on three windows, one of which lacks its text. */
export async function runOnProvider(dir: string, provider: DeviceInfo['provider']): Promise<ProviderOutputs> {
  const { manifest } = await readBundle(dir);
  const runner = new ModelRunner({ dir, manifest, provider, threads: 1 });
  const [video, text] = manifest.modalities;
  if (video?.kind !== 'image' || text?.kind !== 'text') throw new Error('the bundle has other modalities');
  const { size } = video.encoder.preprocessing;
  const count = 3;
  const pixels = Uint8Array.from({ length: count * size * size * 3 }, (_, i) => (i * 7919) % 251);
  const frames = await runner.encodePixels(video.name, pixels, count);
  const said = ['i am so happy', 'sad', 'a very long day it was, this one'];
  const words = embeddingsOf(await runner.encodeTexts(text.name, said));
  const d = manifest.dimension;
  const clips = new Float32Array(count * video.slots * d);
  for (let row = 0; row < count * video.slots; row++)
    clips.set(frames.subarray((row % count) * d, ((row % count) + 1) * d), row * d);
  const masks = [new Float32Array(count * video.slots).fill(1), Float32Array.of(1, 1, 0)];
  const { score, virtual } = await runner.predict({ count, embeddings: [clips, words], masks });
  await runner.close();
  return { video: [...frames], text: [...words], score: [...score], virtual: virtual.map((values) => [...values]) };
}

const [, script, dir = '', provider = 'cpu'] = process.argv;
if (script === import.meta.filename) {
  const outputs = await runOnProvider(dir, provider as DeviceInfo['provider']);
  // Its driver may not end by itself.
  process.stdout.write(JSON.stringify(outputs), () => process.exit(0));
}
