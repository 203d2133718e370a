import type { VisionBenchReport } from './bench-vision.ts';

/** The report of `undertone models bench` as a table. */
export function formatVisionBench({ model, rounds, rows, bytes }: VisionBenchReport): string {
  const head = ['encoder', 'batch', 'ms a run', 'frames/s', 'x float32', 'cosine (min)', 'MB'];
  const body = rows.map(({ encoder, batch, runMs, framesPerS, ratio, cosine }) => [
    encoder,
    String(batch),
    runMs.toFixed(1),
    framesPerS.toFixed(1),
    ratio.toFixed(2),
    cosine.min.toFixed(5),
    (bytes[encoder] / 1e6).toFixed(0),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  const what = `vision transformer of ${model.imageSize} px, patch ${model.patch}, width ${model.width}, ${model.layers} layers, random weights`;
  const between = rows.find(({ batch }) => batch > 1)?.cosine.between;
  return [
    `${what}; onnxruntime, one thread, ${rounds} rounds in turns, processor time`,
    line(head),
    ...body.map(line),
    ...(between === undefined ? [] : [`mean cosine of different images: ${between.toFixed(3)}`]),
  ].join('\n');
}
