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

const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 30 } };
const UNPLUGGED = 'The camera was unplugged or taken away.';
/** Where the browser keeps which camera was chosen. */
const KEY = 'undertone.camera';

/** @throws {SourceError} when there is no camera or it may not be used. */
export async function openCamera(video: HTMLVideoElement): Promise<Source> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new SourceError('A camera works only over https or on localhost. The sample works anywhere.');
  const mine = take(video);
  let stream = await openUsual(devices);
  const cameras = await camerasOf(devices);
  if (!mine()) {
    stopTracks(stream);
    throw new SourceError('Another source was chosen meanwhile.');
  }
  let closed = false;
  let changing = false;
  let onEnd: ((text: string) => void) | undefined;
  const show = async (opened: MediaStream): Promise<void> => {
    stream = opened;
    if (closed) return stopTracks(stream);
    for (const track of stream.getVideoTracks()) track.addEventListener('ended', () => onEnd?.(UNPLUGGED));
    video.srcObject = stream;
    await video.play().catch(() => undefined);
  };
  video.muted = true;
  await show(stream);

  /** A phone opens one camera at a time, so the one before is given back first, and opened again where the other fails. */
  const change = async (before: string, deviceId: string): Promise<void> => {
    stopTracks(stream);
    try {
      await show(await openStream(devices, exactly(deviceId)));
      choose(deviceId);
    } catch (error) {
      await openStream(devices, exactly(before)).then(show, () => onEnd?.(UNPLUGGED));
      throw error;
    }
  };
  const next = async (): Promise<void> => {
    if (changing) return;
    changing = true;
    try {
      const { deviceId = '' } = settingsOf(stream);
      const known = await camerasOf(devices);
      const another = known[(known.indexOf(deviceId) + 1) % known.length];
      if (another !== undefined && another !== deviceId) await change(deviceId, another);
    } finally {
      changing = false;
    }
  };

  return {
    kind: 'camera',
    cues: [],
    get mirrored() {
      return settingsOf(stream).facingMode !== 'environment';
    },
    next: cameras.length > 1 ? next : undefined,
    onEnd(callback) {
      onEnd = callback;
    },
    close() {
      closed = true;
      stopTracks(stream);
      if (video.srcObject === stream) video.srcObject = null;
    },
  };
}

/** The camera that was chosen last, else the one that looks at the person. @throws {SourceError} */
async function openUsual(devices: MediaDevices): Promise<MediaStream> {
  const chosen = chosenBefore();
  if (chosen !== null) {
    try {
      return await openStream(devices, exactly(chosen));
    } catch (error) {
      if (error instanceof SourceError && error.message === PROBLEMS['NotAllowedError']) throw error;
    }
  }
  return openStream(devices, { facingMode: 'user' });
}

/** @throws {SourceError} */
async function openStream(devices: MediaDevices, camera: MediaTrackConstraints): Promise<MediaStream> {
  try {
    return await devices.getUserMedia({ audio: false, video: { ...PICTURE, ...camera } });
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    throw new SourceError(PROBLEMS[name] ?? 'The camera cannot be opened. Try again, or play the sample.', {
      cause: error,
    });
  }
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function settingsOf(stream: MediaStream): MediaTrackSettings {
  return stream.getVideoTracks()[0]?.getSettings() ?? {};
}

/** Ids of all cameras, as far as the browser tells. */
async function camerasOf(devices: MediaDevices): Promise<string[]> {
  const known = await devices.enumerateDevices().catch(() => []);
  return known.filter(({ kind }) => kind === 'videoinput').map(({ deviceId }) => deviceId);
}

function exactly(deviceId: string): MediaTrackConstraints {
  return { deviceId: { exact: deviceId } };
}

function chosenBefore(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function choose(deviceId: string): void {
  try {
    localStorage.setItem(KEY, deviceId);
  } catch {
    // A browser that keeps nothing for pages opens its usual camera.
  }
}
