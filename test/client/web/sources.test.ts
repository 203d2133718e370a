import { afterEach, describe, expect, test, vi } from 'vitest';
import { openCamera } from '../../../client/web/src/sources/camera.ts';
import { clipFromFiles, openClip } from '../../../client/web/src/sources/clip.ts';
import { FrameGrabber } from '../../../client/web/src/sources/frame-grabber.ts';

/** As much of a video element as the sources use: `play` waits until `loaded`; another source or `pause` ends the wait. */
class FakeVideo extends EventTarget {
  loop = false;
  muted = false;
  paused = true;
  #src = '';
  #srcObject: unknown = null;
  #waiting: { readonly loaded: () => void; readonly failed: (error: Error) => void } | undefined;

  get src(): string {
    return this.#src;
  }
  set src(address: string) {
    this.pause();
    this.#src = address;
  }
  get srcObject(): unknown {
    return this.#srcObject;
  }
  set srcObject(stream: unknown) {
    this.pause();
    this.#srcObject = stream;
  }

  play(): Promise<void> {
    this.paused = false;
    return new Promise((loaded, failed) => (this.#waiting = { loaded, failed }));
  }
  pause(): void {
    this.paused = true;
    this.#waiting?.failed(new DOMException('paused', 'AbortError'));
  }
  load(): void {
    this.pause();
  }
  loaded(): void {
    this.#waiting?.loaded();
    this.#waiting = undefined;
  }
  hasAttribute(): boolean {
    return this.#src !== '';
  }
  removeAttribute(): void {
    this.#src = '';
  }
}

function fake(): { readonly raw: FakeVideo; readonly video: HTMLVideoElement } {
  const raw = new FakeVideo();
  return { raw, video: raw as unknown as HTMLVideoElement };
}

function allowCameraLater(): { readonly allow: () => void; readonly stream: unknown; readonly stopped: () => boolean } {
  let stopped = false;
  const track = Object.assign(new EventTarget(), { stop: () => (stopped = true) });
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  let allow = (): void => undefined;
  const asked = new Promise((resolve) => (allow = () => resolve(stream)));
  vi.stubGlobal('navigator', {
    mediaDevices: { getUserMedia: () => asked, enumerateDevices: () => Promise.resolve([]) },
  });
  return { allow: () => allow(), stream, stopped: () => stopped };
}

const SAMPLE = { kind: 'sample', videoUrl: 'a.mp4' } as const;
const outcome = (opening: Promise<unknown>): Promise<string> =>
  opening.then(
    () => 'open',
    () => 'given up',
  );

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test.each([
  [1280, 720, 398, 224],
  [720, 1280, 224, 398],
  [3840, 1080, 672, 189],
  [600, 3600, 112, 672],
])('a picture of %i x %i keeps its shape: %i x %i', (videoWidth, videoHeight, width, height) => {
  const canvas = {
    width: 0,
    height: 0,
    getContext: () => ({ drawImage: () => undefined }),
    toDataURL: () => 'data:image/jpeg;base64,',
  };
  vi.stubGlobal('document', { createElement: () => canvas });
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2 });
  const video = { videoWidth, videoHeight, currentTime: 1, readyState: 2 };
  new FrameGrabber().grab(video as HTMLVideoElement);
  expect([canvas.width, canvas.height]).toEqual([width, height]);
});

describe('a source that another replaced while it was opening', () => {
  test('the sample, by itself: the second plays', async () => {
    const { raw, video } = fake();
    const first = outcome(openClip(video, SAMPLE));
    const second = openClip(video, SAMPLE);
    expect(await first).toBe('given up');
    raw.loaded();
    await second;
    expect([raw.src, raw.paused]).toEqual(['a.mp4', false]);
  });

  test('the sample, by the camera: its picture stays', async () => {
    const { raw, video } = fake();
    const camera = allowCameraLater();
    const first = outcome(openClip(video, SAMPLE));
    const second = openCamera(video);
    expect(await first).toBe('given up');
    camera.allow();
    await vi.waitFor(() => expect(raw.srcObject).toBe(camera.stream));
    raw.loaded();
    await second;
    expect([raw.srcObject, raw.paused, camera.stopped()]).toEqual([camera.stream, false, false]);
  });

  test('the camera, by the sample: a late permission changes nothing and frees the camera', async () => {
    const { raw, video } = fake();
    const camera = allowCameraLater();
    const first = outcome(openCamera(video));
    const second = openClip(video, SAMPLE);
    raw.loaded();
    await second;
    camera.allow();
    expect(await first).toBe('given up');
    expect([raw.srcObject, raw.paused, raw.src, camera.stopped()]).toEqual([null, false, 'a.mp4', true]);
  });

  test('closing it afterwards leaves the element to its new owner', async () => {
    const { raw, video } = fake();
    const opening = openClip(video, SAMPLE);
    raw.loaded();
    const first = await opening;
    const next = openClip(video, { kind: 'file', videoUrl: 'b.mp4' });
    raw.loaded();
    await next;
    first.close();
    expect([raw.src, raw.paused]).toEqual(['b.mp4', false]);
  });
});

describe('files that a person picked', () => {
  const open = (file: File, raw = fake()): ReturnType<typeof openClip> => {
    const opening = openClip(raw.video, clipFromFiles([new File([], 'talk.mkv'), file]));
    raw.raw.loaded();
    return opening;
  };
  const cues = async (file: File, raw = fake()): Promise<unknown> => (await open(file, raw)).cues;

  test.each([
    ['talk.vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Q&amp;A</v>\n'],
    ['talk.SRT', '1\n00:00:01,000 --> 00:00:02,000\n<i>Q&amp;A</i>\n'],
  ])('are a video of a type that the browser does not know, and its captions %s', async (name, text) => {
    expect(await cues(new File([text], name))).toMatchObject([{ startMs: 1000, endMs: 2000, text: 'Q&A' }]);
  });

  const GREETING = '1\n00:00:01,000 --> 00:00:02,000\nCafé – naïve\n';
  test.each([
    ['Windows-1252', Buffer.from(GREETING.replace('–', '\u0096'), 'latin1')],
    ['UTF-16', Buffer.from(`\uFEFF${GREETING}`, 'utf16le')],
    ['UTF-8', Buffer.from(GREETING)],
  ])('have captions in %s, as replays read them', async (_, bytes) => {
    expect(await cues(new File([bytes], 'talk.srt'))).toMatchObject([{ text: 'Café – naïve' }]);
  });

  const CUE = 'WEBVTT\n\n00:01.000 --> 00:02.000\nCafé\n';
  const BROKEN = '\n00:03.000 -> 00:04.000\nlost\n\n00:05.000 --> 00:04.000\nlost\n';
  test.each([
    ['in order', Buffer.from(CUE), 'nothing'],
    ['broken', Buffer.from(CUE + BROKEN), 'About the captions: line 6: text outside a cue ignored; and 2 more.'],
    ['in a guessed encoding', Buffer.from(CUE, 'latin1'), 'About the captions: not UTF-8, read as Windows-1252'],
  ])('tell what is not read as it is of captions that are %s', async (_, bytes, notice) => {
    expect((await open(new File([bytes], 'talk.vtt'))).notice ?? 'nothing').toContain(notice);
  });

  test('say so where the captions are none, and free the video', async () => {
    const { raw, video } = fake();
    await expect(cues(new File(['hello'], 'talk.srt'), { raw, video })).rejects.toThrow('No caption can be read');
    expect([raw.src, raw.paused]).toEqual(['', true]);
  });

  test.each([['talk.vtt'], ['talk.ass']])('say so where there is no video: %s alone', (name) => {
    expect(() => clipFromFiles([new File([], name)])).toThrow('Choose a video file');
  });

  test.each([['talk.ass'], ['talk.SSA'], ['talk.ttml'], ['talk.idx']])('say so where their captions are %s', (name) => {
    expect(() => clipFromFiles([new File([], name), new File([], 'talk.mkv')])).toThrow(
      `The captions ${name} cannot be read here. Give WebVTT or SRT, or the video alone.`,
    );
  });

  test('play the video, whatever else is among them', async () => {
    const opened = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:video');
    const files = [
      new File([], 'cover.jpg', { type: 'image/jpeg' }),
      new File([], 'notes.txt', { type: 'text/plain' }),
      new File([], 'talk.ass'),
      new File(['WEBVTT\n'], 'talk.vtt'),
    ];
    const unknown = new File([], 'talk.mkv');
    expect(await clipFromFiles([...files, unknown]).captions?.()).toEqual({ text: 'WEBVTT\n' });
    const known = new File([], 'talk.webm', { type: 'video/webm' });
    clipFromFiles([...files, unknown, known]);
    expect(opened.mock.calls).toEqual([[unknown], [known]]);
  });
});

test('a clip tells that it broke off, until it is closed', async () => {
  const { raw, video } = fake();
  const opening = openClip(video, SAMPLE);
  raw.loaded();
  const source = await opening;
  const told: string[] = [];
  source.onEnd((text) => told.push(text));
  raw.dispatchEvent(new Event('error'));
  expect(told).toEqual(['The video stopped: the browser cannot play the rest of it.']);
  source.close();
  raw.src = 'c.mp4';
  raw.dispatchEvent(new Event('error'));
  expect(told).toHaveLength(1);
});
