import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT, UndertoneError } from '../errors.ts';
import { readSettings, type Environment } from '../settings.ts';

const Flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['0', 'false', 'no', 'off', '1', 'true', 'yes', 'on']))
  .transform((text) => ['1', 'true', 'yes', 'on'].includes(text));

/** Where foundation models are kept and come from; variables that begin with HF_ are those of Hugging Face's own tools. */
export const FoundationSettings = z.strictObject({
  dir: z.string().optional().meta({
    variable: 'UNDERTONE_MODELS_DIR',
    shownDefault: '~/.cache/undertone/models',
    description: 'Folder of the installed foundation models',
  }),
  lockFile: z.string().optional().meta({
    variable: 'UNDERTONE_MODELS_LOCK',
    shownDefault: 'lock.json in the folder of the models',
    description: 'File that pins what was pulled; keep it with your project and every machine gets the same bytes',
  }),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://huggingface.co')
    .meta({ variable: 'HF_ENDPOINT', description: 'Address of the hub, or of a mirror' }),
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be printable characters without blanks')
    .optional()
    .meta({
      variable: 'HF_TOKEN',
      description: 'Access token of the hub or the mirror, for models whose licence is accepted there',
    }),
  offline: Flag.default(false).meta({
    variable: 'HF_HUB_OFFLINE',
    shownDefault: '0',
    description: '1: nothing is downloaded, only what is installed is used',
  }),
  stallMs: z.coerce.number().int().min(100).max(600_000).default(30_000).meta({
    variable: 'UNDERTONE_HUB_STALL_MS',
    description: 'Longest silence of the hub before a download is tried again',
  }),
  variant: z.string().optional().meta({
    variable: 'UNDERTONE_MODELS_VARIANT',
    description: 'Form of the weights that bundles use, as int8; float32 where it is installed, when empty',
  }),
  catalogue: z.string().optional().meta({
    variable: 'UNDERTONE_MODELS_CATALOGUE',
    description: 'JSON file of further foundation models, of the form of models/foundation/catalogue.json',
  }),
});

type Settings = Readonly<z.infer<typeof FoundationSettings>>;
export type FoundationConfig = Settings & { readonly dir: string; readonly lockFile: string };

/** @throws UndertoneError `bad_setting` (exit code 2) that names the variable, never its value */
export function readFoundationConfig(env: Environment = process.env, home: () => string = homedir): FoundationConfig {
  const settings = readSettings(FoundationSettings, env);
  const { dir = join(env['XDG_CACHE_HOME'] || join(homeOfUser(home), '.cache'), 'undertone', 'models') } = settings;
  const { lockFile = join(dir, 'lock.json') } = settings;
  return { ...settings, dir, lockFile };
}

/** A user whom the system does not know, as containers may have, has no home. */
function homeOfUser(home: () => string): string {
  try {
    return home();
  } catch (error) {
    const message = 'dir (UNDERTONE_MODELS_DIR): this user has no home folder to keep models in; name a folder';
    throw new UndertoneError('bad_setting', message, { cause: error, exitCode: EXIT.usage });
  }
}
