/**
 * Packed RGB pixels uint8 [count, size, size, 3] as float32 [count, 3, size, size], (value / 255 - mean) / std per
 * channel: the input of published encoders. Each channel has 256 possible values, which are looked up.
 */
export function toTensor(
  pixels: Uint8Array,
  count: number,
  size: number,
  { mean, std }: { readonly mean: readonly number[]; readonly std: readonly number[] },
): Float32Array {
  const plane = size * size;
  const out = new Float32Array(count * 3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const levels = Float32Array.from(
      { length: 256 },
      (_, value) => (value / 255 - (mean[channel] as number)) / (std[channel] as number),
    );
    for (let image = 0; image < count; image++) {
      let to = (image * 3 + channel) * plane;
      const end = to + plane;
      for (let from = image * plane * 3 + channel; to < end; to++, from += 3)
        out[to] = levels[pixels[from] as number] as number;
    }
  }
  return out;
}
