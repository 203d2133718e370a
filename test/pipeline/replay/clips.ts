import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Tests that need ffmpeg are skipped where it is not in the path; `undertone doctor` says how to get it. */
export const hasFfmpeg =
  spawnSync('ffmpeg', ['-version']).status === 0 && spawnSync('ffprobe', ['-version']).status === 0;

/** A folder of short clips drawn by ffmpeg itself. */
export class Clips {
  readonly folder = mkdtempSync(join(tmpdir(), 'undertone-clips-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs ffmpeg with these arguments and gives the path of the file that it wrote. */
  make(name: string, args: readonly string[]): string {
    const file = this.path(name);
    execFileSync('ffmpeg', ['-nostdin', '-y', '-v', 'error', ...args, `file:${file}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return file;
  }

  /** A moving test picture. */
  draw(
    name: string,
    seconds: number,
    options: { readonly fps?: number; readonly size?: string; readonly args?: readonly string[] } = {},
  ): string {
    const { fps = 25, size = '160x120', args = [] } = options;
    const source = `testsrc=size=${size}:rate=${fps}:duration=${seconds}`;
    return this.make(name, ['-f', 'lavfi', '-i', source, '-pix_fmt', 'yuv420p', ...args]);
  }

  /** Frame N of this clip is all grey level N, without loss; `filter` comes after the drawing. */
  count(name: string, frames: number, fps: number, filter = 'null', args: readonly string[] = []): string {
    const grey = `nullsrc=size=32x24:rate=${fps}:duration=${frames / fps},format=gbrp,geq=r=N:g=N:b=N`;
    return this.make(name, [
      '-f',
      'lavfi',
      '-i',
      `${grey},${filter}`,
      '-c:v',
      'ffv1',
      '-fps_mode',
      'passthrough',
      ...args,
    ]);
  }

  write(name: string, content: string | Uint8Array): string {
    const file = this.path(name);
    writeFileSync(file, content);
    return file;
  }

  /** The first share of a file. */
  cut(name: string, file: string, share: number): string {
    const bytes = readFileSync(file);
    return this.write(name, bytes.subarray(0, Math.floor(bytes.length * share)));
  }

  copy(name: string, file: string): string {
    copyFileSync(file, this.path(name));
    return this.path(name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
