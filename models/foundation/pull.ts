import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, UndertoneError, hasCode } from '../errors.ts';
import { alone } from './alone.ts';
import { type CatalogueEntry, CONFIG_FILES, catalogueEntry, imagesConfig, readCatalogue } from './catalogue.ts';
import { type FoundationConfig, readFoundationConfig } from './config.ts';
import { checkAsPinned } from './check-as-pinned.ts';
import { describeEncoders } from './describe-encoders.ts';
import { downloadTo } from './download-file.ts';
import { type Hub, type HubFile, openHub } from './hub.ts';
import { importFiles } from './import-files.ts';
import { type DraftManifest, installFoundation } from './install.ts';
import { inspectOnnx } from './inspect-onnx.ts';
import { type FoundationChoice, findFoundation, foundationDir, turnFolder } from './installed.ts';
import { keepOnly } from './keep-only.ts';
import { type LockEntry, lockKey, readLock, writeLockEntry } from './lock-file.ts';
import { pinInstalled } from './pin-installed.ts';
import { type Foundation, readFoundation } from './read-foundation.ts';
import { unwritable } from '../unwritable.ts';

export interface PullProgress {
  /** The file that is coming, and its size in bytes. */
  readonly file: string;
  readonly fileBytes: number;
  /** Bytes of all files that are here, and of all files. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface PullOptions {
  /** Form of the weights: `float32`, or another of the catalogue. */
  readonly variant?: string | undefined;
  /** Commit, branch or tag in place of the catalogue's and of the lock file's. */
  readonly revision?: string | undefined;
  /** Folder with files that were converted or downloaded before, in the published layout; `revision` is then none. */
  readonly from?: string | undefined;
  readonly acceptLicence?: boolean;
  /** Asks nothing of the network, as `offline` of the settings, which has another name in messages. */
  readonly offline?: boolean;
  readonly config?: FoundationConfig;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: PullProgress) => void;
  /** Called when another process pulls the same model, before it is waited for. */
  readonly onWait?: () => void;
  /** Changes what came before it is installed, as a rewrite of the graphs: may add files to `dir`. */
  readonly transform?: (dir: string, manifest: DraftManifest) => Promise<DraftManifest>;
}

export interface Pulled {
  readonly foundation: Foundation;
  /** False when it was installed already, and whole. */
  readonly fresh: boolean;
}

/**
 * Gets a foundation model of the catalogue: downloads what is missing, checks it, runs it once, installs it and pins it in
 * the lock file. Installed models that are whole are left as they are. Nothing that is installed changes when this fails.
 *
 * @throws UndertoneError `foundation_unknown`, `licence_not_accepted`, `foundation_conversion`, `lock_invalid`,
 * `lock_mismatch`, `hub_offline`, `revision_offline`, `models_unwritable`, those of the hub, of `downloadTo`, of `describeEncoders` and of `installFoundation`
 */
export async function pullFoundation(name: string, options: PullOptions = {}): Promise<Pulled> {
  const config = options.config ?? readFoundationConfig();
  try {
    return await pull(name, { ...options, config });
  } catch (error) {
    throw unwritable(error, config.dir, 'name another folder with UNDERTONE_MODELS_DIR; what came so far stays');
  }
}

async function pull(name: string, options: PullOptions & { readonly config: FoundationConfig }): Promise<Pulled> {
  const { variant = 'float32', acceptLicence = false, config, from, signal } = options;
  const entry = catalogueEntry(name, readCatalogue(config.catalogue));
  const files = variantFiles(entry, variant);
  const staging = join(config.dir, '.staging');
  const staged = join(staging, `${name}-${variant}`);
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> =>
    alone(turnFolder(config.dir, name, variant), options, work);
  if (from !== undefined) {
    checkLicence(entry, acceptLicence);
    return await inTurn(async () => {
      try {
        const revision = await importFiles(from, staged, [files.image, files.text], signal);
        return {
          foundation: await finish(entry, { ...options, variant, config }, staged, revision, from),
          fresh: true,
        };
      } catch (error) {
        await rm(staged, { recursive: true, force: true });
        throw error;
      }
    });
  }
  if (entry.conversion !== undefined)
    throw new UndertoneError(
      'foundation_conversion',
      `nobody publishes ONNX files of ${entry.title}; convert them as ${entry.conversion} says and pull with --from FOLDER`,
      { exitCode: EXIT.usage },
    );

  const key = lockKey(name, variant);
  const { models: pins } = await readLock(config.lockFile);
  const pinned = options.revision === undefined ? pins[key] : undefined;
  const asPinned = ({ manifest }: Foundation): void => checkAsPinned(manifest, pinned, config.lockFile);
  if (pinned !== undefined) {
    const installed = await whole(foundationDir(config.dir, { name, variant, revision: pinned.revision }), asPinned);
    if (installed !== undefined) return { foundation: installed, fresh: false };
  }
  const forbids = config.offline ? 'HF_HUB_OFFLINE' : options.offline === true ? '--offline' : undefined;
  if (forbids !== undefined) {
    const revision = options.revision ?? pinned?.revision;
    const foundation = await installedOffline({ name, variant, revision }, config.dir, forbids);
    asPinned(foundation);
    return { foundation, fresh: false };
  }
  checkLicence(entry, acceptLicence);
  const hub = openHub(config, signal);
  const revision = await hub.commit(entry.repository, options.revision ?? pinned?.revision ?? entry.revision);
  const target = foundationDir(config.dir, { name, variant, revision });
  const pin = (lock: LockEntry): Promise<void> => writeLockEntry(config.lockFile, key, lock, options);
  const pinHere = async (): Promise<Pulled | undefined> => {
    const here = await whole(target, asPinned);
    if (here === undefined) return undefined;
    if (pinned === undefined) await pin(await pinInstalled(here, entry, files));
    return { foundation: here, fresh: false };
  };
  const folder = `${staged}-${revision.slice(0, 12)}`;
  // Looked at before the turn, which needs a folder that can be written, and after it, when another process may have pulled.
  return (
    (pinned === undefined ? await pinHere() : undefined) ??
    (await inTurn(async () => {
      const pulled = await pinHere();
      if (pulled !== undefined) return pulled;
      const lock = await download(hub, { entry, files, revision, pinned, folder, installed: target, options });
      // What an earlier pull made of the same files, and could not install, is none of them.
      await keepOnly(folder, Object.keys(lock.files));
      const foundation = await finish(entry, { ...options, variant, config }, folder, revision, config.endpoint);
      await pin(lock);
      return { foundation, fresh: true };
    }))
  );
}

/** @param forbids the setting or the option that forbids the network */
async function installedOffline(choice: FoundationChoice, root: string, forbids: string): Promise<Foundation> {
  const { name, revision } = choice;
  try {
    return await readFoundation(findFoundation(root, choice).dir);
  } catch (error) {
    const undo = `${forbids === '--offline' ? 'leave it out' : 'unset it'}, or`;
    if (revision !== undefined && !REVISION.test(revision))
      throw new UndertoneError(
        'revision_offline',
        `which commit ${revision} is, the hub alone knows, and ${forbids} forbids to ask it; ${undo} give a whole commit or no --revision, which takes what the lock file pins`,
        { exitCode: EXIT.usage, cause: error },
      );
    const at = revision === undefined ? '' : ` at revision ${revision}`;
    throw new UndertoneError(
      'hub_offline',
      `${name} is not installed whole${at}, and ${forbids} forbids to download it; ${undo} pull with --from FOLDER`,
      { cause: error },
    );
  }
}

interface DownloadJob {
  readonly entry: CatalogueEntry;
  readonly files: { readonly image: string; readonly text: string };
  readonly revision: string;
  readonly pinned: LockEntry | undefined;
  readonly folder: string;
  /** Where the model is installed, though not whole: what is whole of it is not downloaded. */
  readonly installed: string;
  readonly options: PullOptions;
}

/** Downloads a model's files into a folder; what graphs keep in files beside them comes in a second round. */
async function download(hub: Hub, job: DownloadJob): Promise<LockEntry> {
  const { entry, files, revision, pinned, folder, installed, options } = job;
  const graphs = [...new Set([files.image, files.text])];
  const described = [...CONFIG_FILES.needed, ...CONFIG_FILES.images, ...CONFIG_FILES.optional];
  const found = await hub.files(entry.repository, revision, [...graphs, ...described]);
  const images = imagesConfig((file) => has(found, file));
  checkComplete(found, [images, ...CONFIG_FILES.needed, ...graphs], entry);
  const others = new Set<string>(CONFIG_FILES.images.filter((file) => file !== images));
  const wanted = found.filter(({ path }) => !others.has(path));
  const lock: Record<string, LockEntry['files'][string]> = {};
  const round = async (list: readonly HubFile[], totalBytes: number): Promise<void> => {
    let done = Object.values(lock).reduce((sum, { size }) => sum + size, 0);
    for (const file of list) {
      checkPinned(file, pinned);
      const sha256 = await downloadTo(hub, {
        repository: entry.repository,
        commit: revision,
        file,
        target: join(folder, file.path),
        copy: join(installed, file.path),
        pinned: pinned?.files[file.path]?.sha256 ?? (revision === entry.revision ? entry.sha256[file.path] : undefined),
        signal: options.signal,
        onProgress: (bytes) =>
          options.onProgress?.({ file: file.path, fileBytes: file.size, bytes: done + bytes, totalBytes }),
      });
      lock[file.path] = { size: file.size, sha256 };
      done += file.size;
    }
  };
  const total = sizeOf(wanted);
  await round(wanted, total);
  const external = new Set<string>();
  for (const graph of graphs) for (const file of (await inspectOnnx(folder, graph)).external) external.add(file);
  if (external.size > 0) {
    const more = await hub.files(entry.repository, revision, [...external]);
    checkComplete(more, [...external], entry);
    await round(more, total + sizeOf(more));
  }
  return { repository: entry.repository, revision, files: lock };
}

/**
 * Describes, changes, tries and installs what lies in the folder. When that fails, it stays: downloads are those that the
 * hub states, and another pull may need nothing else.
 */
async function finish(
  entry: CatalogueEntry,
  options: PullOptions & { readonly variant: string; readonly config: FoundationConfig },
  folder: string,
  revision: string,
  source: string,
): Promise<Foundation> {
  const { variant, config, transform, signal } = options;
  const draft: DraftManifest = {
    format: 1,
    kind: 'foundation',
    name: entry.name,
    variant,
    revision,
    source: options.from === undefined ? `${source}/${entry.repository}/tree/${revision}` : 'local files',
    licence: { id: entry.licence.id, url: entry.licence.url, accepted: options.acceptLicence ?? false },
    created: new Date().toISOString(),
    dimension: entry.dimension,
    encoders: await describeEncoders(folder, entry, variantFiles(entry, variant)),
  };
  signal?.throwIfAborted();
  const final = transform === undefined ? draft : await transform(folder, draft);
  return await installFoundation(
    folder,
    final,
    foundationDir(config.dir, { name: entry.name, variant, revision }),
    signal,
  );
}

function variantFiles(entry: CatalogueEntry, variant: string): CatalogueEntry['variants'][string] {
  const files = entry.variants[variant];
  if (files !== undefined) return files;
  const known = Object.keys(entry.variants).join(', ');
  throw new UndertoneError('foundation_unknown', `${entry.name} has no form ${variant}; it has ${known}`, {
    exitCode: EXIT.usage,
  });
}

function checkLicence({ title, licence }: CatalogueEntry, accepted: boolean): void {
  if (!licence.accept || accepted) return;
  throw new UndertoneError(
    'licence_not_accepted',
    `${title} is under ${licence.id} (${licence.note}) Read ${licence.url} and pull with --accept-licence if you accept it`,
    { exitCode: EXIT.usage },
  );
}

function checkComplete(found: readonly HubFile[], needed: readonly string[], entry: CatalogueEntry): void {
  const missing = needed.filter((path) => !has(found, path));
  if (missing.length > 0)
    throw new UndertoneError(
      'hub_not_found',
      `${entry.repository} has no ${missing.join(', ')} at this revision; try --revision main`,
    );
}

function has(found: readonly HubFile[], path: string): boolean {
  return found.some((file) => file.path === path);
}

function checkPinned(file: HubFile, pinned: LockEntry | undefined): void {
  const lock = pinned?.files[file.path];
  if (lock === undefined || (lock.size === file.size && (file.sha256 ?? lock.sha256) === lock.sha256)) return;
  throw new UndertoneError(
    'lock_mismatch',
    `the hub states another ${file.path} than the lock file pins; give --revision to pin what is there now`,
  );
}

/** What manifests hold: a commit, or what stands for the content of files from a folder. */
const REVISION = /^(?:[0-9a-f]{40}|local-[0-9a-f]+)$/;
const NOT_WHOLE = [
  'bundle_checksum',
  'bundle_path',
  'foundation_manifest',
  'foundation_not_installed',
  'lock_mismatch',
];

/** The model in a folder, where it is whole and passes the check; nothing where it is to be downloaded. */
async function whole(dir: string, check: (found: Foundation) => void): Promise<Foundation | undefined> {
  if (!existsSync(dir)) return undefined;
  try {
    const found = await readFoundation(dir);
    check(found);
    return found;
  } catch (error) {
    if (NOT_WHOLE.some((code) => hasCode(error, code))) return undefined;
    throw error;
  }
}

function sizeOf(files: readonly HubFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
