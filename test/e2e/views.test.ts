import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findChromium } from '../../server/doctor/check-chromium.ts';
import { collectComplaints, launchChromium } from '../support/browser.ts';
import { sessionCreated } from '../support/protocol-server.ts';
import { scriptServer } from '../support/scripted-server.ts';
import type { Browser, Page } from 'playwright-core';
import type { PreviewServer } from 'vite';
import type { ScriptedServer } from '../support/scripted-server.ts';

const chromium = findChromium();
const configFile = fileURLToPath(new URL('../../client/web/vite.config.ts', import.meta.url));
/** Only a hang fails a test, not a busy machine. */
const WAIT = { timeout: 60_000 };

/** What the page shows for what a server says; page.test.ts has the server. */
describe.skipIf(!chromium)('the page in Chromium, with a server that follows a script', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-views-'));
  let files: PreviewServer;
  let url: string;
  let browser: Browser;
  let page: Page;
  let server: ScriptedServer;
  let complaints: string[];

  beforeAll(async () => {
    const outDir = join(folder, 'web');
    await build({ configFile, logLevel: 'error', build: { outDir } });
    files = await preview({ configFile, build: { outDir }, preview: { host: '127.0.0.1', port: 4790 } });
    url = files.resolvedUrls?.local[0] ?? '';
    browser = await launchChromium(chromium ?? '');
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await files.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(WAIT.timeout);
    complaints = collectComplaints(page);
    server = await scriptServer(page);
  });
  afterEach(async () => {
    await page.close();
    if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join('; ')}`);
  });

  const choose = (name: string) => page.getByRole('button', { name, exact: true });
  const state = (wanted: string) => page.waitForSelector(`#connection[data-state="${wanted}"]`, WAIT);
  const gauge = () => page.locator('#gauge').getAttribute('aria-label');
  const strips = () => page.locator('.strip').last();
  const video = () =>
    page.locator('#video').evaluate((element: HTMLVideoElement) => ({
      camera: element.srcObject !== null,
      playing: !element.paused && element.readyState >= 2,
    }));

  /** Plays the sample until a session is open. */
  async function play(query = ''): Promise<void> {
    await page.goto(`${url}?source=sample${query}`);
    await state('open');
  }

  describe('a source that is chosen while another one opens', () => {
    async function openSlowly(cameraMs: number): Promise<void> {
      await page.route('**/sample.mp4', async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 600));
        await route.continue();
      });
      await page.addInitScript((waitMs) => {
        const devices = navigator.mediaDevices;
        const open = devices.getUserMedia.bind(devices);
        devices.getUserMedia = async (wanted) => {
          await new Promise((resolve) => setTimeout(resolve, waitMs));
          return open(wanted);
        };
      }, cameraMs);
      await page.goto(url);
    }

    test.each([
      ['a double click', 0, ['Sample', 'Sample'], { camera: false, playing: true }],
      ['the camera on a slow network', 0, ['Sample', 'Camera'], { camera: true, playing: true }],
      ['the sample before the camera is allowed', 1200, ['Camera', 'Sample'], { camera: false, playing: true }],
    ])('%s', async (_, cameraMs, names, wanted) => {
      await openSlowly(cameraMs);
      for (const name of names) await choose(name).click();
      await state('open');
      await expect.poll(video, WAIT).toEqual(wanted);
      await page.waitForTimeout(1300);
      expect(await video()).toEqual(wanted);
      expect(await page.getByRole('alert').count()).toBe(0);
    });
  });

  test('says so where the client refuses what the address of the page asks for, and frees the source', async () => {
    await page.goto(`${url}?source=camera&token=${'x'.repeat(1025)}`);
    await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toContain('token');
    expect(await video()).toMatchObject({ camera: false });
    expect(await page.locator('#play').isEnabled()).toBe(true);
  });

  test('shows the emotions of the bundle that is served now, in its order', async () => {
    await play();
    const names = () => page.locator('#emotions .name').allInnerTexts();
    server.result();
    await expect.poll(names, WAIT).toEqual(['Neutral', 'Happy']);
    server.result({ emotions: { sad: 0.4, neutral: 0.6 } });
    await expect.poll(names, WAIT).toEqual(['Sad', 'Neutral']);
  });

  test.each([1280, 320])('holds captions of any length in a window %i px wide', async (width) => {
    await page.setViewportSize({ width, height: 640 });
    await page.route('**/*.vtt', (route) => route.fulfill({ contentType: 'text/vtt', body: 'WEBVTT\n' }));
    await play();
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const subtitle = page.locator('#subtitle');
    for (const words of ['w'.repeat(300), 'It goes on and on. '.repeat(26)]) {
      await page.fill('#words', words);
      await expect.poll(() => subtitle.innerText(), WAIT).toBe(words.trim());
      expect(await overflow()).toBeLessThanOrEqual(0);
      const box = await subtitle.boundingBox();
      expect(box?.height).toBeLessThan(3.5 * 25);
      const screen = await page.locator('#screen').boundingBox();
      expect((screen?.y ?? 0) + (screen?.height ?? 0) - ((box?.y ?? 0) + (box?.height ?? 0))).toBeCloseTo(14, 0);
    }
  });

  test.each([1280, 640, 320])(
    'follows the text size that the browser is set to, in a window %i px wide',
    async (width) => {
      await page.setViewportSize({ width, height: 1600 });
      await play();
      server.result();
      await expect.poll(gauge, WAIT).toContain('sure');
      /** Text sizes in pixels; of the score and the name, which have a limit by the window, none. */
      const sizes = () =>
        page.evaluate(() => {
          const holdsText = ({ childNodes }: Element): boolean =>
            [...childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '');
          return [...document.querySelectorAll<HTMLElement>('body *:not(svg *, script, #score, .brand)')]
            .filter(holdsText)
            .map((element) => [element.className || element.id || element.tagName, getComputedStyle(element).fontSize])
            .map(([name = '', px = '']) => [name, Number.parseFloat(px)] as const);
        });
      const before = new Map(await sizes());
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Page.setFontSizes', { fontSizes: { standard: 32 } });
      await page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === '32px', undefined, WAIT);
      const kept = (await sizes()).filter(([name, px]) => px < 1.8 * (before.get(name) ?? 0));
      expect(kept).toEqual([]);
      await page.locator('#details summary').click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      const [score, arc] = await Promise.all([
        page.locator('#score').boundingBox(),
        page.locator('.track').boundingBox(),
      ]);
      expect(score?.y).toBeGreaterThan(arc?.y ?? Infinity);
    },
  );

  test('says that the box is full, as the browser takes no more of what is pasted', async () => {
    await play();
    const hint = page.locator('#say-hint');
    const usual = await hint.innerText();
    await page.locator('#words').focus();
    await page.keyboard.insertText('and so on '.repeat(500));
    await expect.poll(() => hint.innerText(), WAIT).toMatch(/^The box is full/);
    await page.keyboard.press('Backspace');
    expect(await hint.innerText()).toBe(usual);
    await page.keyboard.type('go');
    expect(await hint.innerText()).toMatch(/^The box is full/);
    await page.keyboard.press('Enter');
    expect(await hint.innerText()).toBe(usual);
  });

  test('takes no captions where the model reads none', async () => {
    const { bundle } = sessionCreated('');
    const modalities = bundle.modalities.filter(({ kind }) => kind !== 'text');
    server = await scriptServer(page, { bundle: { ...bundle, modalities } });
    await play();
    await expect.poll(() => page.locator('#say-hint').innerText(), WAIT).toMatch(/^The model reads no captions/);
    expect(await page.locator('#words').isDisabled()).toBe(true);
    expect(await page.getByRole('switch').allInnerTexts()).toEqual(['Video']);
  });

  test('reads captions of a language that is written from the right from there', async () => {
    await page.route('**/*.vtt', (route) => route.fulfill({ contentType: 'text/vtt', body: 'WEBVTT\n' }));
    await play();
    await page.fill('#words', 'ثم نص (hello) 123');
    const heard = page.locator('#transcript li', { hasText: 'hello' }).locator('span');
    for (const words of [page.locator('#words'), page.locator('#subtitle'), heard])
      await expect.poll(() => words.evaluate((line) => getComputedStyle(line).direction), WAIT).toBe('rtl');
  });

  describe('claims nothing about the present', () => {
    const claims = () =>
      page.evaluate(() => ({
        emotions: [...document.querySelectorAll('#emotions .value')].map((value) => value.textContent),
        provenance: document.querySelectorAll('#provenance [data-modality]').length,
        tip: document.querySelectorAll('#provenance .tip').length,
        chips: [...document.querySelectorAll('.chip')].map((chip) => chip.textContent),
        latency: [...document.querySelectorAll('#facts dt')].find((dt) => dt.textContent === 'This reading')
          ?.nextElementSibling?.textContent,
      }));
    const fact = (name: string) => page.locator('#facts div', { hasText: name }).locator('dd').textContent();
    const none = { emotions: ['', ''], provenance: 0, tip: 1, chips: ['', ''], latency: 'no reading' };

    async function playAndRead(): Promise<void> {
      await play();
      server.result();
      await expect.poll(claims, WAIT).toMatchObject({ emotions: ['30 %', '70 %'], provenance: 2, tip: 0 });
    }

    test('after Stop', async () => {
      await playAndRead();
      await page.fill('#words', 'and so on');
      await choose('Stop').click();
      expect(await claims()).toEqual(none);
      expect(await page.locator('#subtitle').innerText()).toBe('');
    });

    test('while the server is gone', async () => {
      await playAndRead();
      await server.close(1001, { away: true });
      await state('reconnecting');
      expect(await claims()).toEqual(none);
      server.back();
      await state('open');
      expect(await gauge()).toBe('Listening in. Readings begin with the first picture or words.');
      server.result();
      await expect.poll(claims, WAIT).toMatchObject({ provenance: 2, tip: 0 });
    });

    test('while the server says nothing over an open connection', async () => {
      await playAndRead();
      await expect.poll(gauge, WAIT).toBe('No reading. The server has sent no fresh one for a while.');
      expect(await claims()).toEqual(none);
      expect(await page.locator('#connection').getAttribute('data-state')).toBe('open');
    });

    test('while what the server says is of the past, which is drawn and no more', async () => {
      await page.clock.install();
      await play();
      await page.clock.fastForward(20_000);
      server.result({ pts_ms: 100 });
      const slider = page.getByRole('slider');
      await slider.focus();
      await expect
        .poll(async () => {
          await page.keyboard.press('End');
          return slider.getAttribute('aria-valuetext');
        }, WAIT)
        .toMatch(/^2\d s ago: \+1\.5 positive/);
      expect(await gauge()).toMatch(/^Listening in/);
      expect(await claims()).toMatchObject({ emotions: [], provenance: 0, chips: ['', ''] });
      await page.clock.fastForward(6000);
      await expect.poll(gauge, WAIT).toBe('No reading. The server has sent no fresh one for a while.');
      server.result({ pts_ms: 26_000 });
      await expect.poll(gauge, WAIT).toBe('+1.5 of 3, positive, 80 % sure');
      await page.clock.fastForward(6000);
      await expect.poll(gauge, WAIT).toBe('No reading. The server has sent no fresh one for a while.');
      server.result({ pts_ms: 200 });
      await expect.poll(() => fact('Behind live'), WAIT).toMatch(/^\d{5} ms$/);
      expect(await claims()).toEqual(none);
    });

    test('while the server is full, which is not called gone', async () => {
      await playAndRead();
      await server.close(1013);
      await state('reconnecting');
      expect(await page.locator('#connection').innerText()).toBe('Server full, trying again (1)…');
      expect(await claims()).toEqual(none);
    });
  });

  test('says what the first reading waits for', async () => {
    const waits = 'Listening in. Readings begin with the first picture or words.';
    await play();
    expect(await gauge()).toBe(waits);
    for (const name of ['Video', 'Captions']) await page.getByRole('switch', { name }).click();
    const allOff = 'Nothing to read. No stream is left. Turn one on to go on.';
    expect(await gauge()).toBe(allOff);
    await choose('Sample').click();
    await state('open');
    expect(await gauge()).toBe(allOff);
    await page.getByRole('switch', { name: 'Captions' }).click();
    expect(await gauge()).toBe(waits);
  });

  test('video that is switched off is not to be seen, and no more is said than that', async () => {
    await play();
    await page.getByRole('switch', { name: 'Video' }).click();
    const blind = page.locator('#blind');
    expect(await blind.innerText()).toBe('Video is off. No picture is sent.');
    expect(await blind.evaluate((cover) => getComputedStyle(cover).backgroundColor)).toBe('rgb(17, 18, 24)');
    await choose('Camera').click();
    await expect.poll(() => blind.innerText(), WAIT).toBe('Video is off. No picture is sent; the camera stays on.');
    await state('open');
  });

  test('the goodbye of the last run says nothing about this one', async () => {
    await play();
    await choose('Camera').click();
    await expect.poll(video, WAIT).toMatchObject({ camera: true });
    await state('open');
    await page.waitForTimeout(800);
    expect(await page.locator('#connection').innerText()).toBe('Live · test on cpu');
    await choose('Stop').click();
    await state('closed');
    expect(await page.locator('#connection').innerText()).toBe('Stopped');
  });

  test('the keyboard keeps its place when a source does not open, or ends on its own', async () => {
    await page.route('**/sample.mp4', (route) => route.fulfill({ contentType: 'video/mp4', body: 'no video' }));
    await page.goto(url);
    const focus = () => page.evaluate(() => document.activeElement?.id);
    await page.locator('#play').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').count(), WAIT).toBe(1);
    expect(await focus()).toBe('play');
    await choose('Camera').click();
    await state('open');
    await choose('Stop').focus();
    await page.locator('#video').evaluate(({ srcObject }: HTMLVideoElement) => {
      if (srcObject instanceof MediaStream) srcObject.getVideoTracks()[0]?.dispatchEvent(new Event('ended'));
    });
    await expect.poll(() => page.getByRole('alert').count(), WAIT).toBe(1);
    expect(await focus()).toBe('play');
  });

  test('a run that ends on its own leaves the one who types the place and the words; one that is stopped does not', async () => {
    await play();
    const words = page.locator('#words');
    const focus = () => page.evaluate(() => document.activeElement?.id);
    await words.pressSequentially('and so');
    await server.close(4008);
    await state('closed');
    await page.keyboard.type(' on');
    expect([await words.inputValue(), await focus()]).toEqual(['and so', 'words']);
    expect(await page.locator('#screen').getAttribute('data-state')).toBe('idle');
    await page.keyboard.press('Tab');
    expect(await words.isDisabled()).toBe(true);
    await choose('Sample').click();
    await state('open');
    await words.focus();
    await page.keyboard.press('End');
    await page.keyboard.type(' on');
    expect(await words.inputValue()).toBe('and so on');
    await page.locator('#send').focus();
    await server.close(4008);
    await state('closed');
    expect([await words.inputValue(), await focus()]).toEqual(['and so on', 'words']);
    await choose('Sample').click();
    await state('open');
    await choose('Stop').click();
    expect(await words.inputValue()).toBe('');
  });

  test('a page that came back out of the cache and was stopped goes on with nothing when it is loaded again', async () => {
    await page.goto(url);
    await choose('Sample').click();
    await state('open');
    // As if the page was left, and came back.
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    await choose('Stop').click();
    await state('closed');
    await page.reload();
    expect(await page.locator('#screen').getAttribute('data-state')).toBe('idle');
  });

  test('a sample that the server does not give is not blamed on the browser alone', async () => {
    await page.goto(url);
    await page.route('**/sample.*', (route) => route.abort());
    await choose('Sample').click();
    await expect
      .poll(() => page.getByRole('alert').allInnerTexts(), WAIT)
      .toEqual([expect.stringContaining('cannot be loaded from the server')]);
    complaints.length = 0;
  });

  test('a file chooser that is cancelled changes no source', async () => {
    await play();
    const chooser = page.waitForEvent('filechooser');
    await choose('Open video').click();
    await chooser;
    const pressed = page.locator('.sources [aria-pressed="true"]');
    expect(await pressed.allInnerTexts()).toEqual(['Sample']);
    await choose('Stop').click();
    expect(await page.locator('#play-label').innerText()).toBe('Play the sample');
  });

  test('a file that is dropped on the page is opened by the page', async () => {
    await page.goto(url);
    const drop = () =>
      page.evaluate(async () => {
        const sample = await (await fetch('sample/sample.mp4')).blob();
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([sample], 'mine.mp4', { type: 'video/mp4' }));
        const init = { bubbles: true, cancelable: true, dataTransfer };
        return ['dragover', 'drop'].map((type) => !document.body.dispatchEvent(new DragEvent(type, init)));
      });
    expect(await drop()).toEqual([true, true]);
    await state('open');
    await expect.poll(video, WAIT).toEqual({ camera: false, playing: true });
    expect(await page.locator('.sources [aria-pressed="true"]').allInnerTexts()).toEqual(['Open video']);
  });

  test('files among which is nothing to play end no run', async () => {
    await play();
    for (const name of ['talk.vtt', 'talk.ass']) {
      await page.setInputFiles('#file', { name, mimeType: 'text/plain', buffer: Buffer.from('WEBVTT\n') });
      expect(await page.getByRole('alert').innerText()).toContain('Choose a video file');
    }
    await page.waitForTimeout(800);
    expect(await page.locator('#connection').getAttribute('data-state')).toBe('open');
    expect(await video()).toEqual({ camera: false, playing: true });
    expect(await page.locator('.sources [aria-pressed="true"]').allInnerTexts()).toEqual(['Sample']);
  });

  test('words that are dragged stay the browser’s', async () => {
    await page.goto(url);
    const taken = await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/plain', 'so good');
      return !document.body.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer }));
    });
    expect(taken).toBe(false);
  });

  test('a file without a picture that the browser can show is none to play', async () => {
    await page.goto(url);
    await page.setInputFiles('#file', { name: 'sound.wav', mimeType: 'audio/wav', buffer: silence(3) });
    await expect
      .poll(() => page.getByRole('alert').allInnerTexts(), WAIT)
      .toEqual([expect.stringContaining('cannot be played')]);
    expect(await page.locator('#screen').getAttribute('data-state')).toBe('idle');
  });

  test('a label against the sign of its score is called mixed, in plain ink, and what is nearly sure is not 100 %', async () => {
    await play();
    const colour = () => page.locator('#label').evaluate((label) => getComputedStyle(label).color);
    const ink = await colour();
    server.result({ score: 2, label: 'positive', confidence: 0.999, emotions: { neutral: 0.002, happy: 0.998 } });
    await expect.poll(() => page.locator('.figure').innerText(), WAIT).toMatch(/^\+2\.0\s+positive\s+over 99 % sure$/);
    expect(await colour()).not.toBe(ink);
    expect(await page.locator('#emotions .value').allInnerTexts()).toEqual(['0 %', '>99 %']);
    server.result({ score: 0.31, label: 'negative', confidence: 0.48 });
    await expect
      .poll(() => page.locator('.figure').innerText(), WAIT)
      .toMatch(/^\+0\.3\s+mixed\s+most likely negative, 48 % sure$/);
    expect(await colour()).toBe(ink);
    expect(await gauge()).toBe('+0.3 of 3, mixed, most likely negative, 48 % sure');
  });

  test('a stream that is switched off is observed until then while the window holds it', async () => {
    await play();
    await page.getByRole('switch', { name: 'Captions' }).click();
    const part = { source: 'observed' as const, cause: null, coverage: 1, age_ms: 2000, fidelity: null };
    server.result({ modalities: { video: { ...part, age_ms: 0 }, text: part } });
    await expect
      .poll(() => page.locator('.chip').allInnerTexts(), WAIT)
      .toEqual(['observed', 'observed until 2 s ago']);
    expect(await page.locator('#provenance').innerText()).toContain('Captions were observed until 2 s ago');
    const [chip, strip] = await Promise.all([page.locator('.chip').last().boundingBox(), strips().boundingBox()]);
    expect((chip?.x ?? 0) + (chip?.width ?? 0)).toBeLessThan(strip?.x ?? 0);
  });

  test('says to turn a stream on only where every one is off', async () => {
    await play();
    const part = { source: 'absent' as const, coverage: 0, age_ms: null, fidelity: null };
    const modalities = { video: { ...part, cause: 'no_face' as const }, text: { ...part, cause: 'silence' as const } };
    const empty = { state: 'insufficient' as const, score: null, label: null, probs: null, emotions: null };
    const nothing = () => server.result({ ...empty, confidence: null, modalities });
    nothing();
    await expect.poll(gauge, WAIT).toBe('Nothing to read. No stream has anything to read now.');
    for (const name of ['Video', 'Captions']) await page.getByRole('switch', { name }).click();
    nothing();
    await expect.poll(gauge, WAIT).toBe('Nothing to read. No stream is left. Turn one on to go on.');
  });

  describe('a notice', () => {
    const notice = () => page.locator('#notice').evaluate((line) => (line.checkVisibility() ? line.textContent : ''));

    test('is in words, and there is none of what the page mends by itself', async () => {
      await play();
      const problem = { fatal: false, request_id: 'r' };
      server.send({ type: 'warning', code: 'draining', message: 'the server is stopping; connect again', ...problem });
      server.result();
      await expect.poll(gauge, WAIT).toContain('sure');
      expect(await notice()).toBe('');
      server.send({ type: 'warning', code: 'inference_overloaded', message: 'too much waits', ...problem });
      await expect
        .poll(notice, WAIT)
        .toBe('The server has too much to do at the moment: some frames and readings are left out.');
    });

    test('is read out once, however often it comes in a row', async () => {
      await play();
      await page.locator('#notice').evaluate((line) => {
        let changes = 0;
        const count = (records: readonly unknown[]): void => {
          changes += records.length;
          line.dataset['changes'] = String(changes);
        };
        new MutationObserver(count).observe(line, { childList: true });
      });
      const warn = (code: 'caption_order' | 'inference_overloaded') =>
        server.send({ type: 'warning', code, message: 'too late', fatal: false, request_id: 'r' });
      for (let i = 0; i < 5; i++) warn('caption_order');
      await expect.poll(notice, WAIT).toBe('A caption came too late or too early to count.');
      warn('inference_overloaded');
      await expect.poll(notice, WAIT).toContain('too much to do');
      expect(await page.locator('#notice').getAttribute('data-changes')).toBe('2');
    });

    test('of a source stays until the next action', async () => {
      await page.clock.install();
      await page.goto(url);
      await page.setInputFiles('#file', { name: 'a.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video') });
      await expect.poll(notice, WAIT).toContain('cannot be played');
      await page.clock.fastForward(60_000);
      expect(await notice()).toContain('cannot be played');
      await choose('Sample').click();
      expect(await notice()).toBe('');
    });

    test('tells of captions that are not all read', async () => {
      await page.goto(url);
      const sample = await (await fetch(`${url}sample/sample.mp4`)).arrayBuffer();
      const captions = 'WEBVTT\n\n00:00.000 --> 00:02.000\nso good\n\n00:05.000 --> 00:04.000\nlost\n';
      await page.setInputFiles('#file', [
        { name: 'a.mp4', mimeType: 'video/mp4', buffer: Buffer.from(sample) },
        { name: 'a.vtt', mimeType: 'text/vtt', buffer: Buffer.from(captions) },
      ]);
      await state('open');
      expect(await notice()).toBe('About the captions: line 6: cue skipped: it ends before it starts.');
    });

    test('tells where to put a token', async () => {
      await play();
      await server.close(4001);
      await expect.poll(notice, WAIT).toContain('/?token=SECRET');
      await play('&token=wrong');
      await server.close(4001);
      await expect.poll(notice, WAIT).toContain('refused the token');
    });
  });

  describe('on a phone', () => {
    beforeEach(() => page.setViewportSize({ width: 320, height: 568 }));

    test('all of an upright picture is shown, and one that fills the screen when the phone is turned', async () => {
      await page.addInitScript(() => {
        const canvas = document.createElement('canvas');
        const draw = (width: number, height: number): void => {
          Object.assign(canvas, { width, height });
          canvas.getContext('2d')?.fillRect(0, 0, 9, 9);
        };
        draw(480, 640);
        addEventListener('turned', () => draw(640, 480));
        navigator.mediaDevices.getUserMedia = () => {
          setInterval(() => canvas.getContext('2d')?.fillRect(0, 0, 9, 9), 100);
          return Promise.resolve(canvas.captureStream());
        };
      });
      await page.goto(`${url}?source=camera`);
      const fit = () => page.locator('#video').evaluate((picture) => getComputedStyle(picture).objectFit);
      await expect.poll(fit, WAIT).toBe('contain');
      await page.evaluate(() => dispatchEvent(new Event('turned')));
      await expect.poll(fit, WAIT).toBe('cover');
    });

    test('nothing is wider than the screen, and no words lie over the marks of the gauge', async () => {
      await page.goto(url);
      for (const width of [320, 360, 390, 412]) {
        await page.setViewportSize({ width, height: 800 });
        const { scrolled, overlaps } = await page.evaluate(() => {
          const boxes = (selector: string) =>
            [...document.querySelectorAll(selector)].map((element) => {
              const range = document.createRange();
              range.selectNodeContents(element);
              return range.getBoundingClientRect();
            });
          const marks = boxes('#gauge-ticks text');
          const crossed = boxes('#gauge .figure p').filter((words) =>
            marks.some(
              (mark) =>
                words.left < mark.right &&
                mark.left < words.right &&
                words.top < mark.bottom &&
                mark.top < words.bottom,
            ),
          );
          const { scrollWidth } = document.documentElement;
          return { scrolled: scrollWidth > innerWidth, overlaps: crossed.length };
        });
        expect({ width, scrolled, overlaps }).toEqual({ width, scrolled: false, overlaps: 0 });
      }
    });

    test('a field has text that is large enough to be typed into without the page being enlarged', async () => {
      const phone = await browser.newPage({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
      await phone.goto(url);
      const size = await phone.locator('#words').evaluate((field) => parseFloat(getComputedStyle(field).fontSize));
      await phone.close();
      // Below this Safari enlarges the page.
      expect(size).toBeGreaterThanOrEqual(16);
    });
  });

  test('the curve is a slider over its moments, for any key that a slider has', async () => {
    await play();
    await page.waitForTimeout(1500);
    for (const score of [-1, 0, 1, 2])
      server.result({ pts_ms: 250 * (score + 1), score, label: score < 0 ? 'negative' : 'neutral' });
    const slider = page.getByRole('slider', { name: 'Moment of the last minute' });
    const text = () => slider.getAttribute('aria-valuetext');
    await slider.focus();
    await expect
      .poll(async () => {
        await page.keyboard.press('End');
        return text();
      }, WAIT)
      .toContain('+2.0');
    for (const [key, score] of [
      ['Home', '−1.0 negative'],
      ['ArrowRight', '0.0 neutral'],
      ['End', '+2.0 neutral'],
      ['ArrowLeft', '+1.0 neutral'],
      ['PageDown', '−1.0 negative'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await text()).toContain(`: ${score}, 80 % sure`);
    }
    const seconds = Number(await slider.getAttribute('aria-valuenow'));
    expect(seconds).toBeLessThan(-1);
    expect(seconds).toBeGreaterThanOrEqual(-60);
    await page.keyboard.press('Tab');
    expect([await text(), await slider.getAttribute('aria-valuenow')]).toEqual(['No moment chosen', '0.0']);
  });

  test('a finger chooses a moment of the curve, by a tap or along it, which stays; not as it scrolls the page', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
    await page.close();
    page = await context.newPage();
    server = await scriptServer(page);
    await page.clock.install();
    await play();
    await page.clock.fastForward(20_000);
    for (let ptsMs = 0; ptsMs <= 20_000; ptsMs += 500) server.result({ pts_ms: ptsMs });
    await page.waitForSelector('[data-results="41"]', WAIT);
    const curve = page.locator('#curve');
    const told = () => page.locator('#inspect').innerText();
    const devtools = await context.newCDPSession(page);
    const place = async () => {
      await curve.scrollIntoViewIfNeeded();
      const box = await curve.boundingBox();
      return { x: (box?.x ?? 0) + (box?.width ?? 0) - 60, y: (box?.y ?? 0) + 60 };
    };
    const drag = async (dx: number, dy: number): Promise<void> => {
      const { x, y } = await place();
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number }[]) =>
        devtools.send('Input.dispatchTouchEvent', { type, touchPoints });
      await touch('touchStart', { x, y });
      for (let i = 1; i <= 10; i++) await touch('touchMove', { x: x + i * dx, y: y + i * dy });
      await touch('touchEnd');
    };
    const { x, y } = await place();
    await page.touchscreen.tap(x, y);
    await expect.poll(told, WAIT).toContain('+1.5 positive');
    await drag(0, -6);
    await expect.poll(told, WAIT).toBe('');
    await drag(-3, 0);
    await expect.poll(told, WAIT).toContain('+1.5 positive');
    await context.close();
  });

  test('forced colours leave what colours say', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await play();
    const style = (selector: string, property: string) =>
      page.locator(selector).evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
    expect(await style('.swatch.observed', 'background-color')).toBe('rgb(55, 80, 90)');
    expect(await style('.swatch.mixed', 'background-image')).toContain('gradient');
    expect(await style('[data-source="sample"]', 'border-top-width')).toBe('2px');
  });

  test('a full bar of an emotion keeps to one line', async () => {
    await play();
    server.result({ emotions: { neutral: 0, happy: 1 } });
    const values = page.locator('#emotions .value');
    await expect.poll(() => values.allInnerTexts(), WAIT).toEqual(['0 %', '100 %']);
    const [none, full] = await Promise.all([values.first().boundingBox(), values.last().boundingBox()]);
    expect(full?.height).toBe(none?.height);
    expect(await values.last().evaluate((value) => value.scrollWidth - value.clientWidth)).toBe(0);
  });
});

/** A WAV file of silence: 8 kHz, 8 bits, one channel. */
function silence(seconds: number): Buffer {
  const samples = Buffer.alloc(8000 * seconds, 128);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
