import { spawnSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

/** Makes a clip for the fake camera from a video: motion JPEG, 640 x 480. */
export function makeCameraClip(video: string, clip: string): void {
  const args = ['-v', 'error', '-i', video, '-vf', 'scale=640:480', '-r', '15', '-q:v', '4', '-an', clip];
  const { status, stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ffmpeg could not make the camera clip: ${stderr}`);
}

/** A browser whose camera plays `cameraClip` in a loop, else a test picture of `cameras`, and is always allowed. */
export function launchChromium(executablePath: string, cameraClip?: string, cameras = 1): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--use-fake-device-for-media-stream=device-count=${cameras}`,
      '--use-fake-ui-for-media-stream',
      ...(cameraClip === undefined ? [] : [`--use-file-for-fake-video-capture=${cameraClip}`]),
    ],
  });
}

/** What a page complained about: console errors and uncaught exceptions. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}
