/** How the times and segments of a caption source become those of a session. */
export interface CaptionSourceOptions {
  /** Media time at which the source's own time is 0, such as the start of the audio. Default 0. */
  readonly offsetMs?: number | undefined;
  /**
   * First part of the id of every segment. Random where absent, so that two sources of one session, or a page before
   * and after a reload, never share segments.
   */
  readonly prefix?: string | undefined;
}

/** @returns eight hexadecimal digits */
export function randomPrefix(): string {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
  return number.toString(16).padStart(8, '0');
}
