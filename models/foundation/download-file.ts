import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { sha256File } from '../bundle/sha256.ts';
import { UndertoneError, hasCode } from '../errors.ts';
import type { Hub, HubFile } from './hub.ts';

export interface Download {
  readonly repository: string;
  readonly commit: string;
  readonly file: HubFile;
  /** Where the whole file goes; `<target>.part` holds what has come so far. */
  readonly target: string;
  /** A file that may be the same one, and is copied then. */
  readonly copy?: string | undefined;
  /** sha256 from the catalogue or the lock file, where pinned. */
  readonly pinned?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of this file that are here. */
  readonly onProgress?: (bytes: number) => void;
}

/** Waits before a broken transfer goes on; each piece of progress starts them anew. */
const BACKOFF_MS = [0, 250, 1000, 3000] as const;

/**
 * Downloads a file, from where an earlier try stopped, and checks its size and its content against what the hub states
 * and what is pinned. Returns its sha256.
 *
 * A broken transfer is taken up again a few times; the part stays for the next run. A whole file that is not the one
 * stated is removed.
 *
 * @throws UndertoneError `download_interrupted`, `download_checksum`, and those of the hub; system errors of the disk
 */
export async function downloadTo(hub: Hub, download: Download): Promise<string> {
  const { file, target, copy, signal, onProgress } = download;
  const known = await ifRight(download, target);
  if (known !== undefined) {
    onProgress?.(file.size);
    return known;
  }
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  if (copy !== undefined && (await ifRight(download, copy)) !== undefined)
    await copyFile(copy, part, constants.COPYFILE_FICLONE);
  // Of an empty file nothing comes.
  await (await open(part, 'a')).close();
  let failures = 0;
  const begun = await sizeOf(part, file.size);
  for (;;) {
    const before = await sizeOf(part, file.size);
    onProgress?.(before);
    if (before === file.size) break;
    try {
      await append(hub, download, part, before);
    } catch (error) {
      signal?.throwIfAborted();
      const ofTheHub = error instanceof UndertoneError;
      if (!ofTheHub || hasCode(error, 'hub_denied') || hasCode(error, 'hub_not_found')) throw error;
      const after = await sizeOf(part, file.size);
      failures = after > before ? 0 : failures + 1;
      const waitMs = BACKOFF_MS[failures];
      // Where nothing came at all, pulling again would not go on either: the hub's own reason says more.
      if (waitMs === undefined) throw after > begun ? interrupted(file, after, error) : error;
      await delay(waitMs, undefined, signal === undefined ? {} : { signal });
    }
  }
  const sha256 = await checked(download, part).catch(async (error: unknown) => {
    await rm(part, { force: true });
    throw error;
  });
  await rename(part, target);
  return sha256;
}

/** Size of what has come so far; a part that is longer than the file is none of it. */
async function sizeOf(part: string, size: number): Promise<number> {
  const found = (await sizeAt(part)) ?? 0;
  if (found <= size) return found;
  await rm(part, { force: true });
  return 0;
}

async function sizeAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

async function append(hub: Hub, { repository, commit, file, onProgress }: Download, part: string, from: number) {
  const handle = await open(part, 'a');
  let at = from;
  try {
    for await (const bytes of hub.bytes(repository, commit, file, from)) {
      at += bytes.length;
      if (at > file.size) break;
      await handle.writeFile(bytes);
      onProgress?.(at);
    }
  } finally {
    await handle.close();
  }
  if (at !== file.size) throw interrupted(file, at, undefined);
}

/** The sha256 of a file that is the one wanted; nothing where it is another, or there is none. */
async function ifRight(download: Download, path: string): Promise<string | undefined> {
  return (await sizeAt(path)) === download.file.size ? await checked(download, path).catch(() => undefined) : undefined;
}

async function checked({ file, pinned }: Download, path: string): Promise<string> {
  const sha256 = await sha256File(path);
  const stated = file.sha256;
  const wrong = stated === undefined ? (await gitOid(path, file.size)) !== file.gitOid : stated !== sha256;
  if (!wrong && (pinned === undefined || pinned === sha256)) return sha256;
  const whose = wrong ? 'the hub states another' : 'another is pinned';
  throw new UndertoneError(
    'download_checksum',
    `${file.path} came with sha256 ${sha256.slice(0, 12)}…, ${whose}; it was removed, pull again, and mistrust the mirror if it comes again`,
  );
}

/** sha1 of git's blob object, as the hub states it for small files. */
async function gitOid(path: string, size: number): Promise<string> {
  const hash = createHash('sha1').update(`blob ${size}\0`);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function interrupted(file: HubFile, bytes: number, cause: unknown): UndertoneError {
  return new UndertoneError(
    'download_interrupted',
    `${file.path} stopped at ${bytes} of ${file.size} bytes; pull again, it goes on from there`,
    { cause },
  );
}
