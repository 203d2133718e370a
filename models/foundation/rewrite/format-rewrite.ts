import type { RewriteReport } from './rewrite-vision.ts';

/** The report of a rewrite in a few lines. */
export function formatRewrite({ precision, images, cosine, framesPerS, bytes, leftInt8 }: RewriteReport): string {
  return [
    `rewritten in ${precision}: ${megabytes(bytes.original)} to ${megabytes(bytes.rewritten)}`,
    `cosine with the original on ${images} drawn images: ${cosine.min.toFixed(5)} at least, ${cosine.mean.toFixed(5)} on average (different images: ${cosine.between.toFixed(3)})`,
    `on one core, one image at a time, by processor time: ${framesPerS.original.toFixed(1)} to ${framesPerS.rewritten.toFixed(1)} frames/s, ${framesPerS.ratio.toFixed(2)} times`,
    ...(leftInt8 === undefined
      ? []
      : [
          `int8 would be ${leftInt8.framesPerS.ratio.toFixed(2)} times as fast as the original on this processor, with a cosine of ${leftInt8.cosine.min.toFixed(5)} at least: not taken`,
        ]),
  ].join('\n');
}

function megabytes(size: number): string {
  return `${(size / 1e6).toFixed(0)} MB`;
}
