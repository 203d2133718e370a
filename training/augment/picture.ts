/** 8-bit rows from the top, `width * height * channels` bytes; 1 channel is grey, 3 are RGB. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** The mean of every `factor` x `factor` block; pixels that fill no block are left out. */
export function boxReduce(picture: Picture, factor: number): Picture {
  const { channels, data } = picture;
  const width = Math.max(1, Math.floor(picture.width / factor));
  const height = Math.max(1, Math.floor(picture.height / factor));
  const across = Math.min(factor, picture.width);
  const down = Math.min(factor, picture.height);
  const area = across * down;
  const out = new Uint8Array(width * height * channels);
  const stride = picture.width * channels;
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++, to++) {
        let sum = area >> 1;
        for (let dy = 0; dy < down; dy++) {
          let at = (y * factor + dy) * stride + x * factor * channels + c;
          for (let dx = 0; dx < across; dx++, at += channels) sum += data[at] as number;
        }
        out[to] = sum / area;
      }
  return { width, height, channels, data: out };
}

/** The picture with three channels. */
export function rgb(picture: Picture): Picture {
  const { channels, data } = picture;
  if (channels === 3) return picture;
  const out = new Uint8Array(data.length * 3);
  for (const [i, value] of data.entries()) out.fill(value, 3 * i, 3 * i + 3);
  return { ...picture, channels: 3, data: out };
}
