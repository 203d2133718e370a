import { expect, it } from 'vitest';
import type { ModelInfo, Prediction, SentimentModel } from '../../../models/model.ts';
import { softmax } from '../../../models/softmax.ts';
import { calibrationReport } from '../../../training/sweep/calibration-report.ts';
import { drawnClips } from './clips.ts';

const LOGITS = Float32Array.of(0, 0, 3);
const MODALITIES = [
  { name: 'video', kind: 'image', slots: 3 },
  { name: 'text', kind: 'text', slots: 1 },
] as const;

it("is measured at temperature 1 and at the manifest's, per pattern, over the clips that are labelled", async () => {
  const table = drawnClips(40, 1);
  table.sentiment.fill(2);
  table.sentiment.fill(0, 0, 10);
  table.sentiment.fill(-1, 10, 20);
  const predictBatch = (windows: readonly unknown[]): Promise<Prediction[]> =>
    Promise.resolve(windows.map(() => ({ sentimentLogits: LOGITS }) as Prediction));
  const info = { modalities: MODALITIES, calibration: { 'video=observed,text=virtual': 2 } };
  const model = { info: info as unknown as ModelInfo, predictBatch } as unknown as SentimentModel;
  const report = await calibrationReport(model, table);

  const of = (pattern: string) => report.find((each) => each.pattern === pattern);
  for (const [pattern, temperature] of [
    ['video=observed,text=virtual', 2],
    ['video=virtual,text=observed', 1],
  ] as const) {
    const accuracy = of(pattern)?.before.accuracy ?? 0;
    expect(accuracy).toBeCloseTo(2 / 3, 1);
    // Always one class, as surely as the temperature says.
    const ece = (t: number): unknown => expect.closeTo(Math.abs(Math.max(...softmax(LOGITS, t)) - accuracy), 6);
    expect(of(pattern)).toMatchObject({ temperature, before: { ece: ece(1) }, after: { ece: ece(temperature) } });
  }
});
