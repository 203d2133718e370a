import { z } from 'zod';
import { readSettings } from '../../models/settings.ts';

/** Programs that replays start. */
export const ToolPaths = z.strictObject({
  ffmpeg: z.string().default('ffmpeg').meta({
    variable: 'FFMPEG_PATH',
    description: 'Program that decodes videos and embedded captions',
  }),
  ffprobe: z.string().default('ffprobe').meta({
    variable: 'FFPROBE_PATH',
    description: 'Program that reads what a video holds',
  }),
});

export const toolPaths = readSettings(ToolPaths, process.env);

export type Tool = keyof typeof toolPaths;
