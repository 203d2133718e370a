import turbo from '@julusian/jpeg-turbo';
import { UndertoneError } from '../../models/errors.ts';
import { decodeSharp } from '../../models/encoders/image-input/decode-sharp.ts';
import { readImageHeader } from '../../models/encoders/image-input/image-header.ts';
import { type Picture, boxReduce } from './picture.ts';

/**
 * Decodes a picture for training, to 1 channel where all three are alike, else 3. Where its shorter side is twice `minSide` or
 * more, whole blocks of pixels are averaged so that it is at least `minSide`: it saves memory where many are held.
 *
 * @throws UndertoneError `image_format`, `image_corrupt`.
 */
export async function decodePicture(bytes: Uint8Array, { minSide = 64 } = {}): Promise<Picture> {
  const picture = collapseGrey(await decodeFull(bytes));
  const factor = Math.max(1, Math.floor(Math.min(picture.width, picture.height) / minSide));
  return factor === 1 ? picture : boxReduce(picture, factor);
}

async function decodeFull(bytes: Uint8Array): Promise<Picture> {
  const header = readImageHeader(bytes);
  if (header.format !== 'jpeg' || header.components === 4 || header.orientation !== 1)
    return { ...(await decodeSharp(bytes, header, 1)), channels: 3 };
  const channels = header.components === 1 ? 1 : 3;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = Buffer.alloc(header.width * header.height * channels);
  try {
    turbo.decompressSync(source, out, { format: channels === 1 ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB });
  } catch (error) {
    throw new UndertoneError('image_corrupt', 'a training image does not decode; fetch the data set again', {
      cause: error,
    });
  }
  return {
    width: header.width,
    height: header.height,
    channels,
    data: new Uint8Array(out.buffer, out.byteOffset, out.length),
  };
}

/** Mean difference of the channels, in levels, below which a picture counts as grey: what JPEG leaves in grey files. */
const GREY_DIFFERENCE = 3;

function collapseGrey(picture: Picture): Picture {
  if (picture.channels === 1) return picture;
  const { data } = picture;
  const pixels = data.length / 3;
  let difference = 0;
  const luma = new Uint8Array(pixels);
  for (let i = 0, at = 0; i < pixels; i++, at += 3) {
    const [r, g, b] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
    difference += Math.max(r, g, b) - Math.min(r, g, b);
    luma[i] = (77 * r + 150 * g + 29 * b) >> 8;
  }
  return difference < GREY_DIFFERENCE * pixels ? { ...picture, channels: 1, data: luma } : picture;
}
