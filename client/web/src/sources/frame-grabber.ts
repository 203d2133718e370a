const SHORTER_SIDE_PX = 224;
const MOST_ASPECT = 3;
const QUALITY = 0.8;

/** Shrinks the video's picture and makes it a JPEG. The server cuts out what its model looks at. */
export class FrameGrabber {
  readonly #canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D | null;
  #grabbedS = NaN;

  constructor() {
    this.#context = this.#canvas.getContext('2d', { alpha: false });
  }

  /**
   * The picture that is on now; null while there is none, or while it stands still: a video that the browser paused, or a
   * camera that another program took, shows its last picture for ever.
   *
   * At once, in a few milliseconds: `toBlob` leaves the work until the page is idle, which in Chromium on a busy machine
   * takes seconds, and the frame is late.
   */
  grab(video: HTMLVideoElement): Uint8Array | null {
    const { videoWidth, videoHeight, currentTime } = video;
    if (!this.#context || videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    if (currentTime === this.#grabbedS) return null;
    this.#grabbedS = currentTime;
    this.#resize(videoWidth, videoHeight);
    const { width, height } = this.#canvas;
    this.#context.drawImage(video, 0, 0, width, height);
    const [, base64 = ''] = this.#canvas.toDataURL('image/jpeg', QUALITY).split(',');
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  /** Gives the canvas the video's shape; a new size clears it and its settings. */
  #resize(videoWidth: number, videoHeight: number): void {
    const scale = SHORTER_SIDE_PX / Math.min(videoWidth, videoHeight);
    const side = (length: number): number => Math.min(SHORTER_SIDE_PX * MOST_ASPECT, Math.round(length * scale));
    const [width, height] = [side(videoWidth), side(videoHeight)];
    if (this.#canvas.width === width && this.#canvas.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    if (this.#context) this.#context.imageSmoothingQuality = 'high';
  }
}
