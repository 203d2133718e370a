import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatsAt, onMessages, sendMessage } from '../../../models/runtime/message-stream.ts';

const messages = fc.array(
  fc.record({ header: fc.dictionary(fc.string(), fc.jsonValue()), blobs: fc.array(fc.uint8Array({ maxLength: 300 })) }),
  { maxLength: 6 },
);

describe('message stream', () => {
  it('gives every message back, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }), async (sent, cuts) => {
        const wire = new PassThrough();
        for (const { header, blobs } of sent) sendMessage(wire, header, blobs);
        const bytes: Buffer = (wire.read() as Buffer | null) ?? Buffer.alloc(0);
        const cut = new PassThrough();
        const received: { header: unknown; body: Buffer }[] = [];
        onMessages(cut, ({ header, body }) => received.push({ header, body: Buffer.from(body) }));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          cut.write(bytes.subarray(at, at + size));
          at += size;
        }
        await new Promise((resolve) => {
          cut.end(resolve);
        });
        await new Promise(setImmediate);
        expect(received).toEqual(
          sent.map(({ header, blobs }) => ({
            header: JSON.parse(JSON.stringify(header)),
            body: Buffer.concat(blobs),
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('reads floats from any offset, into memory of their own', () => {
    const body = Buffer.concat([Buffer.from([1]), Buffer.from(Float32Array.of(1.5, -2, 3).buffer)]);
    const floats = floatsAt(body, 1, 3);
    body.fill(0);
    expect([...floats]).toEqual([1.5, -2, 3]);
  });
});
