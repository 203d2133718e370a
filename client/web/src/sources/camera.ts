import { SourceError } from './source.ts';
import { take } from './take.ts';
import type { Source } from './source.ts';

const PROBLEMS: Readonly<Record<string, string>> = {
  NotAllowedError: 'The camera was refused. Allow it in the address bar and try again, or play the sample.',
  NotFoundError: 'No camera was found. Plug one in and try again, or play the sample.',
  NotReadableError: 'The camera is in use by another program. Close that one and try again.',
  OverconstrainedError: 'The camera has no picture of a usable size. Try another one, or play the sample.',
  SecurityError: 'The browser does not allow the camera on this page. Open it over https or on localhost.',
};

/** @throws {SourceError} when there is no camera or it may not be used. */
export async function openCamera(video: HTMLVideoElement): Promise<Source> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new SourceError('A camera works only over https or on localhost. The sample works anywhere.');
  const mine = take(video);
  let stream: MediaStream;
  try {
    const picture = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 30 } };
    stream = await devices.getUserMedia({ audio: false, video: { ...picture, facingMode: 'user' } });
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    throw new SourceError(PROBLEMS[name] ?? 'The camera cannot be opened. Try again, or play the sample.', {
      cause: error,
    });
  }
  if (!mine()) {
    for (const track of stream.getTracks()) track.stop();
    throw new SourceError('Another source was chosen meanwhile.');
  }
  video.srcObject = stream;
  video.muted = true;
  await video.play().catch(() => undefined);
  return {
    kind: 'camera',
    cues: [],
    onEnd(callback) {
      const ended = (): void => callback('The camera was unplugged or taken away.');
      for (const track of stream.getVideoTracks()) track.addEventListener('ended', ended);
    },
    close() {
      for (const track of stream.getTracks()) track.stop();
      if (video.srcObject === stream) video.srcObject = null;
    },
  };
}
