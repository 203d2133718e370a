import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replay } from '../../pipeline/replay/replay.ts';
import { findChromium } from '../../server/doctor/check-chromium.ts';
import { Clips, hasFfmpeg } from '../pipeline/replay/clips.ts';
import { collectComplaints, launchChromium } from '../support/browser.ts';
import { fakeModel } from '../support/fake-model.ts';
import type { Browser, Page } from 'playwright-core';

const chromium = findChromium();

/** The page that a replay writes, from the disk. */
describe.skipIf(chromium === undefined || !hasFfmpeg)('the report of a replay', () => {
  const clips = new Clips();
  const out = clips.path('out');
  let browser: Browser;
  let video: string;

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '');
    video = clips.draw('film.webm', 4, { args: ['-c:v', 'libvpx'] });
    await replay({ model: fakeModel(), video, out });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    clips.remove();
  });

  async function open(): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: 400, height: 900 } });
    const complaints = collectComplaints(page);
    await page.goto(pathToFileURL(join(out, 'report.html')).href);
    return { page, complaints };
  }

  test('tells a time and goes to it in the recording, by pointer and by keys', async () => {
    const { page, complaints } = await open();
    const reading = page.locator('#reading');
    const at = (): Promise<number | undefined> => page.evaluate(() => document.querySelector('video')?.currentTime);
    await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) > 0);
    expect(await reading.textContent()).toMatch(/^0:00\.25 · /);

    const plot = page.locator('#plot');
    const { width = 0, height = 0 } = (await plot.boundingBox()) ?? {};
    await plot.click({ position: { x: 0.51 * width, y: height / 2 } });
    expect(await reading.textContent()).toMatch(/^0:02\.25 · .* · video in part · text synthesised$/);
    await expect.poll(at).toBe(2);

    await plot.press('ArrowRight');
    expect(await reading.textContent()).toMatch(/^0:02\.50 · /);
    expect(await plot.getAttribute('aria-valuetext')).toBe(await reading.textContent());
    await plot.press('End');
    await plot.press('Enter');
    await expect.poll(at).toBe(3.75);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('says so where the recording is gone, and still tells times', async () => {
    rmSync(video);
    const { page } = await open();
    await page.getByText('This browser cannot play film.webm').waitFor();
    expect(await page.locator('video').isHidden()).toBe(true);
    await page.locator('#plot').press('ArrowRight');
    expect(await page.locator('#reading').textContent()).toMatch(/^0:00\.50 · /);
    await page.close();
  });
});
