import { UndertoneError } from '../../models/errors.ts';
import { runTool } from './run-tool.ts';
import { lastComplaint, toolMissing } from './tool-errors.ts';
import type { Tool } from './config.ts';

/** What `undertone doctor` says of ffmpeg. */
export interface FfmpegReport {
  /** Everything that replays need is there. */
  readonly ok: boolean;
  /** Version, or null where the program is missing or does not work. */
  readonly ffmpeg: string | null;
  readonly ffprobe: string | null;
  /** By name: whether this ffmpeg has it. */
  readonly decoders: Readonly<Record<string, boolean>>;
  readonly filters: Readonly<Record<string, boolean>>;
  readonly demuxers: Readonly<Record<string, boolean>>;
  /** Filters that only recordings in HDR need. */
  readonly hdrFilters: Readonly<Record<string, boolean>>;
  /** What is missing and how to get it, but for HDR; empty where nothing is. */
  readonly advice: readonly string[];
}

const DECODERS = ['h264', 'hevc', 'vp8', 'vp9', 'av1', 'mjpeg', 'subrip', 'webvtt', 'mov_text'];
const FILTERS = ['fps', 'crop', 'scale', 'pad', 'format', 'transpose'];
const DEMUXERS = ['mov', 'matroska', 'avi', 'mpegts'];
/** Filters that bring HDR into the range of usual pictures. */
export const HDR_FILTERS: readonly string[] = ['zscale', 'tonemap'];
const TIME_LIMIT_MS = 10_000;

/** Asks the installed ffmpeg what it is and can do; a missing program is part of the answer. */
export async function ffmpegReport(): Promise<FfmpegReport> {
  const tools = await Promise.all([version('ffmpeg'), version('ffprobe')]);
  const [{ found: ffmpeg }, { found: ffprobe }] = tools;
  const ask = (flag: string): Promise<string> => (ffmpeg === null ? Promise.resolve('') : list(flag));
  const [decoderList, filterList, demuxerList] = await Promise.all([
    ask('-decoders'),
    ask('-filters'),
    ask('-demuxers'),
  ]);
  // av1 has several decoders, each under a name of its own, with the codec in parentheses.
  const decoders = table(DECODERS, (name) => rowOf(name).test(decoderList) || decoderList.includes(`(codec ${name})`));
  const isFilter = (name: string): boolean => rowOf(name).test(filterList);
  const filters = table(FILTERS, isFilter);
  const hdrFilters = table(HDR_FILTERS, isFilter);
  const demuxers = table(DEMUXERS, (name) => rowOf(name).test(demuxerList));
  const lacks = missing({ ...decoders, ...filters, ...demuxers });
  const whole = `this ffmpeg lacks ${lacks.join(', ')}: install a full build of ffmpeg to replay files that need it`;
  const failed = tools.flatMap(({ trouble }) => trouble ?? []).slice(0, 1);
  const advice = failed.length > 0 || lacks.length === 0 ? failed : [whole];
  const ok = failed.length === 0 && missing(filters).length === 0 && decoders['h264'] === true;
  return { ok, ffmpeg, ffprobe, decoders, filters, demuxers, hdrFilters, advice };
}

/** Which of these filters the installed ffmpeg does not have. */
export async function lackedFilters(names: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const filters = await list('-filters', signal);
  return names.filter((name) => !rowOf(name).test(filters));
}

interface ToolState {
  readonly found: string | null;
  /** Why it cannot be used, and what to do. */
  readonly trouble?: string;
}

async function version(tool: Tool): Promise<ToolState> {
  const broken = (why: string): ToolState => ({
    found: null,
    trouble: `${tool} is there and does not work (${why}); install it again, or set FFMPEG_PATH and FFPROBE_PATH`,
  });
  try {
    const { ok, stdout, stderr } = await runTool(tool, ['-version'], { timeLimitMs: TIME_LIMIT_MS });
    if (!ok) return broken(lastComplaint(stderr.split('\n')));
    const found = / version (\S+)/.exec(stdout)?.[1];
    return found === undefined ? broken('its -version names none') : { found };
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    if (error.code === 'decode_timeout') return broken(`no answer in ${TIME_LIMIT_MS} ms`);
    return { found: null, trouble: toolMissing(tool, undefined).message };
  }
}

async function list(flag: string, signal?: AbortSignal): Promise<string> {
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
