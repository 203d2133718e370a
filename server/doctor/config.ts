import { delimiter } from 'node:path';
import { readSettings } from '../../models/settings.ts';
import { ServerConfig } from '../config.ts';
import { defaultWebDir } from '../paths.ts';

/** Folders in which programs are looked for. */
export function searchPath(env: Readonly<Record<string, string | undefined>> = process.env): string[] {
  return (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

/**
 * Folder of the page that would be served.
 * @throws UndertoneError `bad_setting` where the one that is set holds no page
 */
export function pageFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return readSettings(ServerConfig.pick({ webDir: true }), env).webDir ?? defaultWebDir;
}
