const SIDE_PX = 224;
const QUALITY = 0.8;

/** Cuts the video's centre square, shrinks it and makes it a JPEG; one at a time. */
export class FrameGrabber {
  readonly #canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D | null;
  #busy = false;

  constructor() {
    this.#canvas.width = SIDE_PX;
    this.#canvas.height = SIDE_PX;
    this.#context = this.#canvas.getContext('2d', { alpha: false });
    if (this.#context) this.#context.imageSmoothingQuality = 'high';
  }

  /** The picture that is on now; null while there is none, or while the last one is still being made. */
  async grab(video: HTMLVideoElement): Promise<Blob | null> {
    const { videoWidth, videoHeight } = video;
    if (this.#busy || !this.#context || videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA)
      return null;
    const side = Math.min(videoWidth, videoHeight);
    const left = (videoWidth - side) / 2;
    const top = (videoHeight - side) / 2;
    this.#busy = true;
    try {
      this.#context.drawImage(video, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
      return await new Promise((resolve) => this.#canvas.toBlob(resolve, 'image/jpeg', QUALITY));
    } finally {
      this.#busy = false;
    }
  }
}
