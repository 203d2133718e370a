/** Programs that replays start. `FFMPEG_PATH` and `FFPROBE_PATH` name other ones than those in the search path. */
export const toolPaths = {
  ffmpeg: process.env['FFMPEG_PATH'] || 'ffmpeg',
  ffprobe: process.env['FFPROBE_PATH'] || 'ffprobe',
} as const;

export type Tool = keyof typeof toolPaths;
