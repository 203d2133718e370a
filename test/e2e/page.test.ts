import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startServer } from '../../server/start-server.ts';
import { findChromium } from '../../server/doctor/check-chromium.ts';
import { loadModel } from '../../models/runtime/load-model.ts';
import { hasFfmpeg } from '../pipeline/replay/clips.ts';
import { collectComplaints, launchChromium, makeCameraClip } from '../support/browser.ts';
import { startReverseProxy } from '../support/reverse-proxy.ts';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { SentimentModel } from '../../models/model.ts';
import type { RunningServer } from '../../server/start-server.ts';

const chromium = findChromium();
const missing = [chromium ? '' : 'Chromium', hasFfmpeg ? '' : 'ffmpeg'].filter((name) => name !== '').join(' and ');
const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** Only a hang fails a test, not a busy machine. */
const WAIT = { timeout: 60_000 };

test('a browser is here', ({ skip }) => {
  skip(missing !== '', `${missing} not found: the page was not tested in a browser`);
  expect(missing).toBe('');
});

describe.skipIf(missing !== '')('the page in Chromium', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-e2e-'));
  let model: SentimentModel;
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    await build({
      configFile: root('client/web/vite.config.ts'),
      logLevel: 'error',
      build: { outDir: join(folder, 'web') },
    });
    makeCameraClip(root('client/web/public/sample/sample.mp4'), join(folder, 'camera.mjpeg'));
    browser = await launchChromium(chromium ?? '', join(folder, 'camera.mjpeg'));
    model = await loadModel({ provider: 'cpu', workers: 1 });
    server = await serve();
  }, 240_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
    await model.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(WAIT.timeout);
    page = await context.newPage();
    complaints = collectComplaints(page);
  });
  afterEach(async () => {
    await context.close();
  });

  function serve(port = 0, resumeMs = 300): Promise<RunningServer> {
    return startServer({ model, port, logLevel: 'silent', webDir: join(folder, 'web'), drainMs: 500, resumeMs });
  }

  const gauge = () => page.locator('#gauge');
  const row = (modality: string) => page.locator(`.stream[data-modality="${modality}"]`);
  const sentence = (modality: string) => page.locator(`#provenance [data-modality="${modality}"]`).innerText();
  const flip = (modality: string) => row(modality).getByRole('switch').click();
  const results = () => page.evaluate(() => Number(document.documentElement.dataset['results'] ?? 0));
  const settles = (modality: string, ...sources: string[]) =>
    page.waitForSelector(
      sources.map((source) => `.stream[data-modality="${modality}"][data-source="${source}"]`).join(),
      WAIT,
    );
  /** A machine that is too busy for every slot of the window still observes some of them. */
  const videoSeen = () => settles('video', 'observed', 'mixed');

  async function resultsReach(atLeast: number): Promise<void> {
    await page.waitForFunction((n) => Number(document.documentElement.dataset['results'] ?? 0) >= n, atLeast, WAIT);
  }

  /** Collects distinct scores until there are as many. */
  async function distinctScores(count: number): Promise<number[]> {
    const scores = new Set<number>();
    for (let last = await results(); scores.size < count; last = await results()) {
      await resultsReach(last + 1);
      const score = await gauge().getAttribute('data-score');
      if (score !== null) scores.add(Number(score));
    }
    return [...scores];
  }

  test('predicts from the camera: results grow, the score moves, every frame is accounted for', async () => {
    await page.goto(`${server.url}/?source=camera`);
    await resultsReach(8);
    const scores = await distinctScores(3);
    expect(scores.every((score) => score >= -3 && score <= 3)).toBe(true);
    expect(await page.getByRole('button', { name: 'Next camera' }).count()).toBe(0);
    expect(await page.locator('#score').innerText()).toMatch(/^([+−]\d\.\d|0\.0)$/);
    expect(await page.locator('#connection').innerText()).toContain(`Live · ${model.info.name}`);
    await page.locator('#details summary').click();
    const otherwise = page.locator('#facts div', { hasText: 'The same moment otherwise' }).locator('dd');
    expect(await otherwise.textContent()).toMatch(/^Video alone \S+, Captions alone \S+, zeros for synthesis \S+$/);
    const frames = page.locator('#facts div', { hasText: 'Frames received' }).locator('dd');
    await expect.poll(() => frames.innerText(), WAIT).toMatch(/^[1-9]\d* = [1-9]\d* encoded/);
    expect(complaints).toEqual([]);
  });

  describe('with two cameras', () => {
    let both: Browser;
    beforeEach(async () => {
      both = await launchChromium(chromium ?? '', undefined, 2);
      page = await both.newPage();
      complaints = collectComplaints(page);
    });
    afterEach(() => both.close());
    const next = () => page.getByRole('button', { name: 'Next camera' });
    const camera = () =>
      page.locator('#video').evaluate(({ srcObject }: HTMLVideoElement) => {
        const [track] = srcObject instanceof MediaStream ? srcObject.getVideoTracks() : [];
        return track?.readyState === 'live' ? track.label : '';
      });

    test('goes on with the other one in the same session, and opens it next time', async () => {
      let sockets = 0;
      page.on('websocket', () => sockets++);
      await page.goto(`${server.url}/?source=camera`);
      await resultsReach(2);
      const first = await camera();
      await next().click();
      await expect.poll(camera, WAIT).not.toBe('');
      const second = await camera();
      expect(second).not.toBe(first);
      await resultsReach((await results()) + 2);
      expect(sockets).toBe(1);
      await page.goto(`${server.url}/?source=camera`);
      await expect.poll(camera, WAIT).toBe(second);
      expect(complaints).toEqual([]);
    });

    test('tells of one that cannot be opened and goes on with the one before', async () => {
      await page.goto(`${server.url}/?source=camera`);
      await resultsReach(2);
      const first = await camera();
      await page.evaluate(() => {
        const { mediaDevices } = navigator;
        const open = mediaDevices.getUserMedia.bind(mediaDevices);
        mediaDevices.getUserMedia = () => {
          mediaDevices.getUserMedia = open;
          return Promise.reject(new DOMException('', 'NotReadableError'));
        };
      });
      await next().click();
      await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toContain('in use by another program');
      await expect.poll(camera, WAIT).toBe(first);
      await resultsReach((await results()) + 2);
      expect(complaints).toEqual([]);
    });
  });

  test('takes frames while the page is never idle, which canvas.toBlob waits for', async () => {
    await page.addInitScript(() => {
      HTMLCanvasElement.prototype.toBlob = () => undefined;
    });
    await page.goto(`${server.url}/?source=camera`);
    await videoSeen();
    expect(complaints).toEqual([]);
  });

  test('a picture that stands still is not sent for a new one', async () => {
    await page.goto(`${server.url}/?source=sample`);
    await videoSeen();
    await page.locator('#video').evaluate((video: HTMLVideoElement) => video.pause());
    await settles('video', 'virtual', 'absent');
    expect(complaints).toEqual([]);
  });

  test('a video that the browser paused as it froze the tab goes on when the tab is back', async () => {
    await page.goto(`${server.url}/?source=sample`);
    await videoSeen();
    await page.locator('#video').evaluate((video: HTMLVideoElement) => {
      video.pause();
      document.dispatchEvent(new Event('resume'));
    });
    await page.waitForFunction(() => document.querySelector('video')?.paused === false, undefined, WAIT);
    await videoSeen();
    expect(complaints).toEqual([]);
  });

  test('frames and captions flow where timers stand still, as they do in a hidden tab', async () => {
    await page.addInitScript(() => {
      Object.defineProperty(document, 'hidden', { get: () => true });
      globalThis.setInterval = (() => 0) as unknown as typeof setInterval;
    });
    await page.goto(`${server.url}/?source=sample`);
    // Results begin with the first media, and take frames and captions along from then on.
    await page.fill('#words', 'hello');
    await videoSeen();
    await page.waitForSelector('#transcript li:not([hidden])', WAIT);
    expect(complaints).toEqual([]);
  });

  test('goes on when streams drop, says what is synthesised, and shows no number when nothing is left', async () => {
    await page.goto(`${server.url}/?source=camera`);
    await videoSeen();
    const neverHeard = /^No captions yet.*: what they would tell is synthesised from the video\.$/;
    await expect.poll(() => sentence('text'), WAIT).toMatch(neverHeard);

    await page.fill('#words', 'what a lovely day');
    await settles('text', 'observed');
    await expect.poll(() => sentence('text'), WAIT).toContain('may still change');
    await page.keyboard.press('Enter');
    await expect.poll(() => sentence('text'), WAIT).toBe('Captions are observed.');
    expect(await page.locator('#transcript').innerText()).toContain('what a lovely day');

    await flip('video');
    let words = 'and so';
    const talking = setInterval(() => void page.fill('#words', (words += ' on')).catch(() => undefined), 500);
    try {
      await settles('video', 'virtual');
      const synthesised = /^Video dropped \d+ s ago \(you switched it off\): .* from the captions\.$/;
      await expect.poll(() => sentence('video'), WAIT).toMatch(synthesised);
      await page.waitForSelector('#gauge[data-state="degraded"][data-score]', WAIT);
    } finally {
      clearInterval(talking);
    }

    await flip('text');
    await page.waitForSelector('#gauge[data-state="insufficient"]', WAIT);
    expect(await gauge().locator('.figure').innerText()).toMatch(/^\s*Nothing to read\s+No stream is left/);
    expect(await gauge().getAttribute('data-score')).toBeNull();
    const before = await results();
    await resultsReach(before + 3);

    await flip('video');
    await videoSeen();
    await page.waitForSelector('#gauge[data-score]', WAIT);
    expect(complaints).toEqual([]);
  });

  test.each(['ws', 'socket.io'])(
    'plays the sample at one click over %s, with the captions as they are spoken',
    async (transport) => {
      await page.goto(`${server.url}/?transport=${transport}`);
      expect(await results()).toBe(0);
      await page.getByRole('button', { name: 'Play the sample' }).click();
      await videoSeen();
      await settles('text', 'observed');
      await resultsReach(4);
      expect(await page.locator('#transcript li').first().innerText()).toMatch(/^clip\s+\w+/);
      // The sample has none.
      expect(await page.getByRole('button', { name: 'Sound' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.waitForSelector('#connection[data-state="closed"]', WAIT);
      await expect.poll(() => server.counts().sessions, WAIT).toBe(0);
      expect(complaints).toEqual([]);
    },
  );

  test('opens a video of one’s own', async () => {
    await page.goto(server.url);
    const sample = ['mp4', 'vtt'].map((end) => root(`client/web/public/sample/sample.${end}`));
    await page.setInputFiles('#file', sample);
    await settles('text', 'observed');
    expect(await page.getByRole('button', { name: 'Sound' }).count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('says that the server is gone, shows no number, and goes on when it is back', async () => {
    await page.goto(`${server.url}/?source=camera`);
    await resultsReach(2);
    const { port } = server;
    await server.close();
    await page.waitForSelector('#connection[data-state="reconnecting"]', WAIT);
    expect(await page.locator('#connection').innerText()).toContain('Server gone');
    expect(await gauge().locator('.figure').innerText()).toContain('No connection');
    server = await serve(port);
    await page.waitForSelector('#connection[data-state="open"]', WAIT);
    await page.waitForSelector('#gauge[data-score]', WAIT);
  });

  test.each(['ws', 'socket.io'])(
    'says what a proxy has to pass on that passes on no %s, and goes on where it does',
    async (transport) => {
      const proxy = await startReverseProxy(server.port);
      try {
        await page.goto(`${proxy.url}/?source=sample&transport=${transport}`);
        await expect
          .poll(() => page.getByRole('alert').allInnerTexts(), WAIT)
          .toEqual([expect.stringContaining('pass on the headers Upgrade, Connection and Host')]);
        expect(await page.locator('#connection').innerText()).toMatch(/^No connection, trying again/);
        proxy.passUpgrades();
        await resultsReach(1);
        expect(await page.getByRole('alert').count()).toBe(0);
      } finally {
        await page.close();
        await proxy.close();
      }
    },
  );

  test.each([
    ['NotAllowedError', 'The camera was refused'],
    ['NotFoundError', 'No camera was found'],
    ['NotReadableError', 'in use by another program'],
  ])('tells of %s in words and stays usable', async (name, words) => {
    await page.addInitScript((errorName) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', errorName));
    }, name);
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Camera', exact: true }).click();
    await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toContain(words);
    await page.getByRole('button', { name: 'Sample', exact: true }).click();
    await resultsReach(1);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  describe('loaded again', () => {
    let patient: RunningServer;
    let sessions: string[];
    let seqs: number[];
    beforeEach(async () => {
      patient = await serve(0, 60_000);
      sessions = [];
      seqs = [];
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          const message = JSON.parse(String(payload)) as { type: string; session_id: string; seq: number };
          if (message.type === 'session.created') sessions.push(message.session_id);
          if (message.type === 'sentiment.result' || message.type === 'sentiment.revised') seqs.push(message.seq);
        }),
      );
    });
    afterEach(() => patient.close());

    test('it goes on with its session: no result is lost, and what was switched off stays so', async () => {
      await page.goto(`${patient.url}/?source=sample`);
      await resultsReach(6);
      await flip('text');
      await settles('text', 'virtual');
      const before = await results();
      await page.reload();
      await resultsReach(before + 8);
      expect(sessions).toEqual([sessions[0], sessions[0]]);
      expect(new Set(seqs)).toEqual(new Set(Array.from({ length: Math.max(...seqs) + 1 }, (_, seq) => seq)));
      expect(await row('text').getByRole('switch').getAttribute('aria-checked')).toBe('false');
      await videoSeen();
      expect(complaints).toEqual([]);
    });

    test('it goes on also where it is loaded once more before its source is open', async () => {
      await page.goto(`${patient.url}/?source=camera`);
      await resultsReach(3);
      const before = await results();
      await page.addInitScript(() => {
        const devices = navigator.mediaDevices;
        const open = devices.getUserMedia.bind(devices);
        devices.getUserMedia = async (wanted) => {
          await new Promise((resolve) => setTimeout(resolve, 1000));
          return open(wanted);
        };
      });
      await page.reload();
      await page.reload();
      await resultsReach(before + 4);
      expect(sessions).toEqual([sessions[0], sessions[0]]);
      expect(complaints).toEqual([]);
    });

    test('a stream that is switched on while the source opens again is on', async () => {
      await page.goto(`${patient.url}/?source=camera`);
      await videoSeen();
      await flip('video');
      await settles('video', 'virtual', 'absent');
      await page.addInitScript(() => {
        const devices = navigator.mediaDevices;
        const open = devices.getUserMedia.bind(devices);
        devices.getUserMedia = async (wanted) => {
          await new Promise((resolve) => addEventListener('allowed', resolve));
          return open(wanted);
        };
      });
      await page.reload();
      await page.waitForSelector('#screen[data-state="starting"]', WAIT);
      await flip('video');
      await page.evaluate(() => dispatchEvent(new Event('allowed')));
      await videoSeen();
      expect(sessions).toEqual([sessions[0], sessions[0]]);
      expect(complaints).toEqual([]);
    });

    test('it begins anew after Stop, and on another visit', async () => {
      await page.goto(`${patient.url}/?source=sample`);
      await resultsReach(3);
      await page.goto(`${patient.url}/`);
      await page.locator('#play').click();
      await resultsReach(3);
      await page.locator('#stop').click();
      await page.reload();
      expect(await page.locator('#screen').getAttribute('data-state')).toBe('idle');
      await page.locator('#play').click();
      await resultsReach(3);
      expect(new Set(sessions).size).toBe(3);
    });
  });

  test('works by keyboard alone', async () => {
    await page.goto(server.url);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await resultsReach(2);
    await page.locator('#curve').focus();
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => page.locator('#inspect').innerText(), WAIT)
      .toMatch(/: ([+−]\d\.\d|0\.0) [\w ,]+ \d+ % sure · Video/);
    await row('video').getByRole('switch').focus();
    await page.keyboard.press('Space');
    expect(await row('video').getByRole('switch').getAttribute('aria-checked')).toBe('false');
  });

  test.each([360, 620, 640, 900, 1600])('fits a window %i px wide', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${server.url}/?source=sample`);
    await resultsReach(1);
    const overflow = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('.card')].map(
        ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
      ),
    );
    expect(Math.max(...overflow)).toBeLessThanOrEqual(0);
  });

  test.each([360, 768])('nothing moves as the words come, in a window %i px wide', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(server.url);
    const top = (section: string) =>
      page.locator(section).evaluate((element) => element.getBoundingClientRect().top + scrollY);
    const board = await top('.board');
    await page.locator('#play').click();
    await page.waitForSelector('#transcript li:nth-child(2)', WAIT);
    expect(await top('.board')).toBe(board);
    const reading = await top('.reading');
    await page.waitForSelector('#transcript li:nth-child(4)', WAIT);
    expect(await top('.reading')).toBe(reading);
  });
});
