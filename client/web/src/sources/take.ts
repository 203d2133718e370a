const owners = new WeakMap<HTMLVideoElement, object>();

/**
 * Takes the video element from whoever had it; the answer is whether it still belongs to this taker.
 *
 * Opening a source waits for the network or for a permission, and meanwhile another may be chosen: the one that comes
 * too late must leave the element alone. Pausing ends a `play()` that still waits for a source that nobody wants.
 */
export function take(video: HTMLVideoElement): () => boolean {
  const token = {};
  owners.set(video, token);
  video.pause();
  return () => owners.get(video) === token;
}
