import type { Readable, Writable } from 'node:stream';

/**
 * Messages between the program and its inference processes: a small JSON header and binary blobs, length-prefixed.
 *
 *     u32 bytes after this field | u32 bytes of the header | header | blobs, back to back
 *
 * A pipe with this framing costs a third of the CPU of Node's structured-clone channel for one image per message, and the
 * blobs are neither copied nor parsed on the way in.
 */
export interface Message {
  readonly header: unknown;
  /** The blobs, back to back; the header says where each ends. Not aligned. */
  readonly body: Buffer;
}

const PREFIX_BYTES = 8;

/** Up to so many bytes of blobs are copied behind their header: one write of one buffer costs less than many gathered. */
const COPIED_BYTES = 64 * 1024;

/** Queues one message on a stream; the blobs must not change until they are written. */
export function sendMessage(stream: Writable, header: object, blobs: readonly Uint8Array[] = []): void {
  const text = JSON.stringify(header);
  const textBytes = Buffer.byteLength(text);
  const blobBytes = blobs.reduce((sum, blob) => sum + blob.length, 0);
  const copies = blobBytes <= COPIED_BYTES;
  const head = Buffer.allocUnsafe(PREFIX_BYTES + textBytes + (copies ? blobBytes : 0));
  head.writeUInt32LE(4 + textBytes + blobBytes, 0);
  head.writeUInt32LE(textBytes, 4);
  let at = PREFIX_BYTES + head.write(text, PREFIX_BYTES);
  if (copies) {
    for (const blob of blobs) {
      head.set(blob, at);
      at += blob.length;
    }
    stream.write(head);
    return;
  }
  stream.cork();
  stream.write(head);
  for (const blob of blobs) if (blob.length > 0) stream.write(blob);
  stream.uncork();
}

/** Calls back for every message that arrives; the body is the callback's to keep. */
export function onMessages(stream: Readable, callback: (message: Message) => void): void {
  let parts: Buffer[] = [];
  let have = 0;
  let need = PREFIX_BYTES;
  stream.on('data', (part: Buffer) => {
    parts.push(part);
    have += part.length;
    while (have >= need) {
      const all = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      const end = 4 + all.readUInt32LE(0);
      if (have < end) {
        parts = [all];
        need = end;
        return;
      }
      const bodyStart = PREFIX_BYTES + all.readUInt32LE(4);
      const rest = all.subarray(end);
      parts = rest.length === 0 ? [] : [rest];
      have = rest.length;
      need = PREFIX_BYTES;
      const header: unknown = JSON.parse(all.toString('utf8', PREFIX_BYTES, bodyStart));
      callback({ header, body: all.subarray(bodyStart, end) });
    }
  });
}

/** The bytes of a typed array, not copied. */
export function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Copies the next `length` floats out of a message's body. */
export function floatsAt(body: Uint8Array, byteOffset: number, length: number): Float32Array {
  const floats = new Float32Array(length);
  bytesOf(floats).set(body.subarray(byteOffset, byteOffset + length * 4));
  return floats;
}
