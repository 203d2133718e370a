import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_HEADER_BYTES, decodeFrame, encodeFrame } from '../../../pipeline/protocol/index.ts';

const image = Uint8Array.of(0xff, 0xd8, 0xff);
const message = (change: (view: DataView) => void): Uint8Array => {
  const bytes = encodeFrame({ seq: 7, ptsMs: 250, image });
  change(new DataView(bytes.buffer));
  return bytes;
};

describe('binary frames', () => {
  it('come back as they were sent, also from the middle of a buffer', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 0xffff_ffff }),
        fc.maxSafeNat().map((ms) => Math.min(ms, 2 ** 52)),
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        fc.nat({ max: 9 }),
        (seq, ptsMs, bytes, offset) => {
          const sent = encodeFrame({ seq, ptsMs, image: bytes });
          const buffer = new Uint8Array(offset + sent.byteLength);
          buffer.set(sent, offset);
          expect(decodeFrame(buffer.subarray(offset))).toEqual({ seq, ptsMs, image: bytes });
        },
      ),
    );
  });

  it.each([
    ['nothing', new Uint8Array(0), /16-byte header/],
    ['a header alone', new Uint8Array(FRAME_HEADER_BYTES), /and an image/],
    ['another version', message((view) => view.setUint8(0, 2)), /version 2 .* write the 16-byte header/],
    ['another kind', message((view) => view.setUint8(1, 9)), /kind 9/],
    ['flags', message((view) => view.setUint16(2, 1, true)), /flags/],
    ['a negative time', message((view) => view.setFloat64(8, -1, true)), /pts_ms/],
    ['a time that is not whole', message((view) => view.setFloat64(8, 0.5, true)), /pts_ms/],
    ['a time that leaves no room for its results', message((view) => view.setFloat64(8, 2 ** 52 + 1, true)), /pts_ms/],
    ['no time', message((view) => view.setFloat64(8, NaN, true)), /pts_ms/],
  ])('%s is refused with a reason', (_, bytes, reason) => {
    expect(decodeFrame(bytes)).toMatch(reason);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(() => decodeFrame(bytes)).not.toThrow();
      }),
    );
  });
});
