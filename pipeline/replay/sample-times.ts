import { ffmpegOutput } from './decode.ts';
import type { DecodeJob } from './decode.ts';

export interface SampleTimesOptions extends Pick<DecodeJob, 'limits' | 'signal'> {
  /** Index of the track in the file. */
  readonly track: number;
  /** Added to every time. */
  readonly shiftS: number;
}

/**
 * When each sample of a track begins, those without content included, in whole milliseconds of media time and ascending.
 *
 * @throws those of `ffmpegOutput`
 */
export async function sampleTimes(file: string, { track, shiftS, ...job }: SampleTimesOptions): Promise<number[]> {
  const outputOptions = ['-map', `0:${track}`, '-c', 'copy', '-output_ts_offset', `${shiftS}`, '-f', 'framecrc'];
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of ffmpegOutput({ ...job, file, outputOptions, sparse: true }))
    text += decoder.decode(chunk, { stream: true });
  const [, tick = '1', ticks = '1000'] = /^#tb 0: (\d+)\/(\d+)$/m.exec(text) ?? [];
  // Stream, decoding time, presentation time, and what does not matter here.
  const rows = text.matchAll(/^0, *-?\d+, *(-?\d+),/gm);
  return [...rows]
    .map(([, time]) => Math.round((1000 * Number(time) * Number(tick)) / Number(ticks)))
    .sort((a, b) => a - b);
}
