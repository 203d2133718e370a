import { expect, it } from 'vitest';
import { loadLocalModel } from '../../../models/runtime/load-local-model.ts';
import { greyPng } from '../../../training/datasets/grey-png.ts';
import type { Sample } from '../../../training/datasets/sample.ts';
import { presencePattern } from '../../../training/evaluation/presence.ts';
import { sampleWindows } from '../../../training/evaluation/sample-windows.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

it('shows what each sample has, in every slot, and tells whose image cannot be read', async () => {
  const model = await loadLocalModel({ bundle: (await writeTinyBundle({ slots: 3 })).dir });
  const { dimension, modalities } = model.info;
  const png = (shade: number): Uint8Array => greyPng(8, 8, new Uint8Array(64).fill(shade));
  const images = [undefined, png(10), new Uint8Array(4), png(200), undefined];
  const samples = images.map((bytes, i): Sample => {
    const text = ['so happy', 'so sad', 'a day', undefined, ' '][i];
    return { id: `${i}`, split: 'val', text, image: bytes === undefined ? undefined : () => bytes };
  });
  try {
    const { windows, bad } = await sampleWindows(model, samples, {
      imageOf: (i) => Promise.resolve({ kind: 'image', bytes: images[i] ?? new Uint8Array() }),
      skipBad: true,
    });
    expect([...bad]).toEqual([2]);
    expect(windows.map((window) => presencePattern(window, modalities))).toEqual([
      'video=virtual,text=observed',
      'video=observed,text=observed',
      'video=virtual,text=observed',
      'video=observed,text=virtual',
      'video=virtual,text=virtual',
    ]);
    const shown = await model.encodeImages('video', [{ kind: 'image', bytes: png(200) }]);
    const slots = [0, 1, 2].map((slot) =>
      windows[3]?.['video']?.embeddings.subarray(slot * dimension, (slot + 1) * dimension),
    );
    expect(slots).toEqual([shown.embeddings, shown.embeddings, shown.embeddings]);
    expect(windows[1]?.['text']?.embeddings).toEqual(await model.encodeTexts('text', ['so sad']));
  } finally {
    await model.close();
  }
});
