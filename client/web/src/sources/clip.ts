import { decodeCaptions } from '../../../../pipeline/captions/decode-captions.ts';
import { captionFile, ClientError } from '../../../sdk/index.ts';
import { SourceError } from './source.ts';
import { take } from './take.ts';
import type { DecodedCaptions } from '../../../../pipeline/captions/decode-captions.ts';
import type { CaptionFile } from '../../../sdk/index.ts';
import type { Source, SourceKind } from './source.ts';

export interface ClipAddress {
  readonly kind: Exclude<SourceKind, 'camera'>;
  readonly videoUrl: string;
  /** Reads its captions: WebVTT or SRT. */
  readonly captions?: (() => Promise<DecodedCaptions>) | undefined;
  /** The address is an object's, to be freed afterwards. */
  readonly revoke?: boolean;
}

const PROBLEMS: Readonly<Record<ClipAddress['kind'], string>> = {
  sample:
    'The sample cannot be loaded from the server, or this browser cannot play it. Start the camera or open a video.',
  file: 'This video cannot be played by this browser. Try an MP4 (H.264) or WebM file.',
};

/** Plays a clip in a loop, muted at first. @throws {SourceError} when the browser cannot play it, or its captions are none. */
export async function openClip(video: HTMLVideoElement, address: ClipAddress): Promise<Source> {
  const mine = take(video);
  const closed = new AbortController();
  const close = (): void => {
    closed.abort();
    if (address.revoke) URL.revokeObjectURL(address.videoUrl);
    if (!mine()) return;
    video.pause();
    video.removeAttribute('src');
    video.load();
  };
  video.srcObject = null;
  video.src = address.videoUrl;
  video.loop = true;
  video.muted = true;
  let read: Pick<Source, 'cues' | 'notice'>;
  try {
    [read] = await Promise.all([readCues(address), video.play()]);
    // Of a video in a codec that it does not know, a browser plays the sound alone.
    if (video.videoWidth === 0) throw new SourceError(PROBLEMS[address.kind]);
  } catch (error) {
    close();
    throw error instanceof SourceError ? error : new SourceError(PROBLEMS[address.kind], { cause: error });
  }
  return {
    kind: address.kind,
    mirrored: false,
    ...read,
    onEnd(callback) {
      const failed = (): void => callback('The video stopped: the browser cannot play the rest of it.');
      video.addEventListener('error', failed, { signal: closed.signal });
    },
    close,
  };
}

/** The address of a video among files that a person picked, and its captions among them. */
export function clipFromFiles(files: Iterable<File>): ClipAddress {
  const list = [...files];
  const captions = list.find(isCaptions);
  const unread = list.find(isOtherCaptions);
  const [video] = list
    .filter((file) => !isCaptions(file) && !isOtherCaptions(file))
    .sort((a, b) => doubt(a) - doubt(b));
  if (!video) throw new SourceError('Choose a video file, and if you have them its captions as .vtt or .srt with it.');
  if (unread && !captions)
    throw new SourceError(`The captions ${unread.name} cannot be read here. Give WebVTT or SRT, or the video alone.`);
  return {
    kind: 'file',
    videoUrl: URL.createObjectURL(video),
    captions: captions && (async () => decodeCaptions(new Uint8Array(await captions.arrayBuffer()))),
    revoke: true,
  };
}

function isCaptions({ name }: File): boolean {
  return /\.(?:vtt|srt)$/i.test(name);
}

/** Captions of a kind that is not read. */
function isOtherCaptions({ name }: File): boolean {
  return /\.(?:ass|ssa|sub|idx|sup|sbv|smi|sami|ttml|dfxp|lrc|scc|stl)$/i.test(name);
}

/** Browsers do not know the type of every video that they play, but know pictures and text. */
function doubt({ type }: File): number {
  if (type.startsWith('video/')) return 0;
  return /^(?:image|text|audio)\//.test(type) ? 2 : 1;
}

async function readCues({ captions }: ClipAddress): Promise<Pick<Source, 'cues' | 'notice'>> {
  if (!captions) return { cues: [] };
  const { text, warning } = await captions();
  try {
    const file = captionFile(text);
    return { cues: file.captions, notice: noticeOf(file, warning) };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    throw new SourceError('No caption can be read in the file of captions. Give WebVTT or SRT, or the video alone.', {
      cause: error,
    });
  }
}

/** What was left out, repaired or guessed, in a line; the first of many. */
function noticeOf({ warnings }: CaptionFile, encoding: string | undefined): string | undefined {
  const [first] = warnings;
  const told = [
    ...(encoding === undefined ? [] : [encoding]),
    ...(first === undefined ? [] : [`line ${first.line}: ${first.message}`]),
    ...(warnings.length > 1 ? [`and ${warnings.length - 1} more`] : []),
  ];
  return told.length === 0 ? undefined : `About the captions: ${told.join('; ')}.`;
}
