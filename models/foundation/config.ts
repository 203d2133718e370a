import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT, UndertoneError } from '../errors.ts';

/** Where foundation models are kept and where they come from. */
export interface FoundationConfig {
  /** Folder of the installed models. */
  readonly dir: string;
  /** File that pins what was pulled. */
  readonly lockFile: string;
  /** Address of the Hugging Face hub, or of a mirror of it. */
  readonly endpoint: string;
  readonly token: string | undefined;
  /** Nothing is asked of the network. */
  readonly offline: boolean;
  /** Longest silence of the hub, in milliseconds. */
  readonly stallMs: number;
  /** Form of the weights that bundles use where several are installed. */
  readonly variant: string | undefined;
  /** A file of further models, of the catalogue's form. */
  readonly catalogue: string | undefined;
}

interface Setting<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** As the docs show it; empty where there is none. */
  readonly fallback: string;
  readonly text: string;
}

const Flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['0', 'false', 'no', 'off', '1', 'true', 'yes', 'on']))
  .transform((text) => ['1', 'true', 'yes', 'on'].includes(text));

/** One environment variable per setting; the names that begin with HF_ are those of Hugging Face's own tools. */
export const FOUNDATION_SETTINGS: { readonly [K in keyof FoundationConfig]: Setting<FoundationConfig[K]> } = {
  dir: {
    name: 'UNDERTONE_MODELS_DIR',
    schema: z.string().min(1),
    fallback: '~/.cache/undertone/models',
    text: 'folder of the installed foundation models',
  },
  lockFile: {
    name: 'UNDERTONE_MODELS_LOCK',
    schema: z.string().min(1),
    fallback: 'lock.json in the folder of the models',
    text: 'file that pins what was pulled; keep it with your project and every machine gets the same bytes',
  },
  endpoint: {
    name: 'HF_ENDPOINT',
    schema: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
    fallback: 'https://huggingface.co',
    text: 'address of the hub, or of a mirror',
  },
  token: {
    name: 'HF_TOKEN',
    schema: z.string().startsWith('hf_').optional(),
    fallback: '',
    text: 'access token, for models whose licence is accepted on the hub',
  },
  offline: {
    name: 'HF_HUB_OFFLINE',
    schema: Flag,
    fallback: '0',
    text: '1: nothing is downloaded, only what is installed is used',
  },
  stallMs: {
    name: 'UNDERTONE_HUB_STALL_MS',
    schema: z.coerce.number().int().min(100).max(600_000),
    fallback: '30000',
    text: 'longest silence of the hub before a download is tried again',
  },
  variant: {
    name: 'UNDERTONE_MODELS_VARIANT',
    schema: z.string().min(1).optional(),
    fallback: '',
    text: 'form of the weights that bundles use, as int8; float32 where it is installed, when empty',
  },
  catalogue: {
    name: 'UNDERTONE_MODELS_CATALOGUE',
    schema: z.string().min(1).optional(),
    fallback: '',
    text: 'JSON file of further foundation models, of the form of models/foundation/catalogue.json',
  },
};

/** @throws UndertoneError `bad_setting` (exit code 2) that names the variable, never its value */
export function readFoundationConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): FoundationConfig {
  const read = <K extends keyof FoundationConfig>(key: K, fallback: FoundationConfig[K]): FoundationConfig[K] => {
    const { name, schema } = FOUNDATION_SETTINGS[key];
    const given = env[name];
    if (given === undefined || given === '') return fallback;
    const parsed = schema.safeParse(given.trim());
    if (parsed.success) return parsed.data;
    const why = parsed.error.issues[0]?.message ?? 'not valid';
    throw new UndertoneError('bad_setting', `${name}: ${why}`, { exitCode: EXIT.usage });
  };
  const dir = read('dir', join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'undertone', 'models'));
  return {
    dir,
    lockFile: read('lockFile', join(dir, 'lock.json')),
    endpoint: read('endpoint', 'https://huggingface.co'),
    token: read('token', undefined),
    offline: read('offline', false),
    stallMs: read('stallMs', 30_000),
    variant: read('variant', undefined),
    catalogue: read('catalogue', undefined),
  };
}
