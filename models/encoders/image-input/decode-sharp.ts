import { corrupt } from './corrupt.ts';
import { lightPng } from './light-png.ts';
import type { RgbImage } from './fit-image.ts';
import type { ImageHeader } from './image-header.ts';
import type sharpModule from 'sharp';
import type { Sharp } from 'sharp';

/** Bounds one decode; a 4096 x 2160 PNG takes about 0.3 s. */
const TIMEOUT_S = 10;

let loading: Promise<typeof sharpModule> | undefined;

/**
 * libvips with one thread per image and no operation cache: parallelism belongs to the workers. Loaded on first use, which
 * takes a few tenths of a second, so what answers within a deadline calls this before.
 */
export function loadSharp(): Promise<typeof sharpModule> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  });
  return loading;
}

/**
 * Decodes WebP, PNG and any JPEG with libvips, to upright 8-bit RGB: the first frame of an animation, alpha flattened on
 * black, colour profiles ignored but for CMYK, Exif orientation applied. JPEGs come `shrink` (1, 2, 4, 8) times smaller.
 */
export async function decodeSharp(bytes: Uint8Array, header: ImageHeader, shrink: number): Promise<RgbImage> {
  const sharp = await loadSharp();
  const input = header.format === 'png' ? lightPng(bytes) : bytes;
  try {
    let image: Sharp = sharp(input, {
      failOn: 'warning',
      limitInputPixels: header.width * header.height,
      ignoreIcc: header.components !== 4,
      pages: 1,
      autoOrient: header.format !== 'jpeg',
    });
    if (shrink > 1)
      image = image.resize(Math.ceil(header.width / shrink), Math.ceil(header.height / shrink), {
        fit: 'fill',
        kernel: 'linear',
      });
    const { data, info } = await image
      .timeout({ seconds: TIMEOUT_S })
      .flatten({ background: { r: 0, g: 0, b: 0 } })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return { width: info.width, height: info.height, data };
  } catch (error) {
    throw corrupt(`its ${header.format} data does not decode`, error);
  }
  throw corrupt(`its ${header.format} data has an unknown colour layout`);
}
