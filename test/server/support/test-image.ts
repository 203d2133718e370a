/** The start of a PNG of that size: enough for a header check, and for the fake model, which decodes nothing. */
export function pngHeader(width: number, height: number, tag = ''): Uint8Array {
  const bytes = Buffer.alloc(33 + tag.length);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 0);
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.set([8, 2, 0, 0, 0], 24);
  bytes.write(tag, 33, 'latin1');
  return bytes;
}
