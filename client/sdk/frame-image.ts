/** A JPEG, WebP or PNG file. */
export type FrameImage = Uint8Array | ArrayBuffer | Blob;

/** Bytes of an image; 0 for what holds none, such as pixels, text or null. */
export function imageBytes(image: unknown): number {
  if (image instanceof Uint8Array || image instanceof ArrayBuffer) return image.byteLength;
  return isBlob(image) ? image.size : 0;
}

/** By what it can do: a Blob of another window is none of this one's. */
function isBlob(image: unknown): image is Blob {
  if (typeof image !== 'object' || image === null || ArrayBuffer.isView(image)) return false;
  const { size, arrayBuffer } = image as Partial<Blob>;
  return typeof size === 'number' && typeof arrayBuffer === 'function';
}
