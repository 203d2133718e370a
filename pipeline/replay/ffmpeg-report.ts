import { hasCode } from '../../models/errors.ts';
import { runTool } from './run-tool.ts';
import { toolMissing } from './tool-errors.ts';
import type { Tool } from './config.ts';

/** What `undertone doctor` says of ffmpeg. */
export interface FfmpegReport {
  /** Everything that replays need is there. */
  readonly ok: boolean;
  /** Version, or null where the program is missing. */
  readonly ffmpeg: string | null;
  readonly ffprobe: string | null;
  /** By name: whether this ffmpeg has it. */
  readonly decoders: Readonly<Record<string, boolean>>;
  readonly filters: Readonly<Record<string, boolean>>;
  readonly demuxers: Readonly<Record<string, boolean>>;
  /** One line per thing that is missing and how to get it. */
  readonly advice: readonly string[];
}

const DECODERS = ['h264', 'hevc', 'vp8', 'vp9', 'av1', 'mjpeg', 'subrip', 'webvtt', 'mov_text'];
const FILTERS = ['fps', 'crop', 'scale', 'pad', 'format', 'transpose'];
const DEMUXERS = ['mov', 'matroska', 'avi', 'mpegts'];
const TIME_LIMIT_MS = 10_000;

/** Asks the installed ffmpeg what it is and can do; a missing program is part of the answer. */
export async function ffmpegReport(signal?: AbortSignal): Promise<FfmpegReport> {
  const [ffmpeg, ffprobe] = await Promise.all([version('ffmpeg', signal), version('ffprobe', signal)]);
  const ask = (flag: string): Promise<string> => (ffmpeg === null ? Promise.resolve('') : list(flag, signal));
  const [decoderList, filterList, demuxerList] = await Promise.all([
    ask('-decoders'),
    ask('-filters'),
    ask('-demuxers'),
  ]);
  // av1 has several decoders, each under a name of its own, with the codec in parentheses.
  const decoders = table(DECODERS, (name) => rowOf(name).test(decoderList) || decoderList.includes(`(codec ${name})`));
  const filters = table(FILTERS, (name) => rowOf(name).test(filterList));
  const demuxers = table(DEMUXERS, (name) => rowOf(name).test(demuxerList));
  const absent = ffmpeg === null ? 'ffmpeg' : ffprobe === null ? 'ffprobe' : null;
  const advice =
    absent === null
      ? missing({ ...decoders, ...filters, ...demuxers }).map(
          (name) => `this ffmpeg lacks ${name}: install a full build of ffmpeg to replay files that need it`,
        )
      : [toolMissing(absent, undefined).message];
  const ok = absent === null && missing(filters).length === 0 && decoders['h264'] === true;
  return { ok, ffmpeg, ffprobe, decoders, filters, demuxers, advice };
}

async function version(tool: Tool, signal: AbortSignal | undefined): Promise<string | null> {
  try {
    const { ok, stdout } = await runTool(tool, ['-version'], { timeLimitMs: TIME_LIMIT_MS, signal });
    return ok ? (/ version (\S+)/.exec(stdout)?.[1] ?? 'unknown') : null;
  } catch (error) {
    if (hasCode(error, 'ffmpeg_missing') || hasCode(error, 'decode_timeout')) return null;
    throw error;
  }
}

async function list(flag: string, signal: AbortSignal | undefined): Promise<string> {
  const { stdout } = await runTool('ffmpeg', ['-hide_banner', flag], { timeLimitMs: TIME_LIMIT_MS, signal });
  return stdout;
}

/** A row of ffmpeg's lists: flags, then one name or several with commas. */
function rowOf(name: string): RegExp {
  return new RegExp(`^ *[A-Z.|]+ +(?:[a-z0-9_]+,)*${name}(?:,[a-z0-9_]+)* `, 'm');
}

function table(names: readonly string[], has: (name: string) => boolean): Record<string, boolean> {
  return Object.fromEntries(names.map((name) => [name, has(name)]));
}

function missing(found: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(found).flatMap(([name, there]) => (there ? [] : [name]));
}
