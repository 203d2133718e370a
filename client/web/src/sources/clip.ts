import { SourceError } from './source.ts';
import { take } from './take.ts';
import type { Cue } from '../captions/cue-speaker.ts';
import type { Source, SourceKind } from './source.ts';

export interface ClipAddress {
  readonly kind: Exclude<SourceKind, 'camera'>;
  readonly videoUrl: string;
  readonly captionsUrl?: string | undefined;
  /** Object addresses to free afterwards. */
  readonly revoke?: readonly string[];
}

const PROBLEMS: Readonly<Record<ClipAddress['kind'], string>> = {
  sample: 'The sample cannot be played by this browser. Start the camera or open a video instead.',
  file: 'This video cannot be played by this browser. Try an MP4 (H.264) or WebM file.',
};

/** Plays a clip in a loop, muted at first. @throws {SourceError} when the browser cannot play it. */
export async function openClip(video: HTMLVideoElement, address: ClipAddress): Promise<Source> {
  const mine = take(video);
  const track = address.captionsUrl === undefined ? undefined : addTrack(video, address.captionsUrl);
  const closed = new AbortController();
  const close = (): void => {
    closed.abort();
    track?.remove();
    for (const url of address.revoke ?? []) URL.revokeObjectURL(url);
    if (!mine()) return;
    video.pause();
    video.removeAttribute('src');
    video.load();
  };
  video.srcObject = null;
  video.src = address.videoUrl;
  video.loop = true;
  video.muted = true;
  try {
    await video.play();
  } catch (error) {
    close();
    throw new SourceError(PROBLEMS[address.kind], { cause: error });
  }
  return {
    kind: address.kind,
    cues: () => textCues(track),
    onEnd(callback) {
      const failed = (): void => callback('The video stopped: the browser cannot play the rest of it.');
      video.addEventListener('error', failed, { signal: closed.signal });
    },
    close,
  };
}

/** The address of a video among files that a person picked, and of captions among them. */
export function clipFromFiles(files: Iterable<File>): ClipAddress {
  const list = [...files];
  const video = list.find((file) => file.type.startsWith('video/'));
  if (!video) throw new SourceError('Choose a video file, and if you have them its captions as .vtt with it.');
  const captions = list.find((file) => file.name.toLowerCase().endsWith('.vtt'));
  const videoUrl = URL.createObjectURL(video);
  const captionsUrl = captions ? URL.createObjectURL(captions) : undefined;
  return { kind: 'file', videoUrl, captionsUrl, revoke: captionsUrl ? [videoUrl, captionsUrl] : [videoUrl] };
}

function addTrack(video: HTMLVideoElement, url: string): HTMLTrackElement {
  const track = document.createElement('track');
  track.kind = 'subtitles';
  track.src = url;
  video.append(track);
  // The browser reads the file but leaves its display to the page.
  track.track.mode = 'hidden';
  return track;
}

function* textCues(track: HTMLTrackElement | undefined): Iterable<Cue> {
  for (const cue of track?.track.cues ?? []) if (cue instanceof VTTCue) yield cue;
}
