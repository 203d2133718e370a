const SHORTER_SIDE_PX = 224;
/** Of a picture that is wider or higher than 3:1 the longer side decides. */
const LONGER_SIDE_PX = 3 * SHORTER_SIDE_PX;
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
    const [shorter, longer] = [Math.min(videoWidth, videoHeight), Math.max(videoWidth, videoHeight)];
    const scale = Math.min(SHORTER_SIDE_PX / shorter, LONGER_SIDE_PX / longer);
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (this.#canvas.width === width && this.#canvas.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    if (this.#context) this.#context.imageSmoothingQuality = 'high';
  }
}
