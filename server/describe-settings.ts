import { RUNTIME_SETTINGS } from '../models/runtime/config.ts';
import { envName, ServerConfig } from './config.ts';

export interface SettingDescription {
  readonly name: string;
  readonly env: string;
  /** As written on the command line or in the environment; empty when there is none. */
  readonly defaultValue: string;
  readonly description: string;
}

/** Every setting of `serve`: the server's, then those of the processes that run the model. */
export function listSettings(): SettingDescription[] {
  const runtime = Object.entries(RUNTIME_SETTINGS).map(([name, setting]) => ({
    name,
    env: setting.name,
    defaultValue: String(setting.fallback),
    description: sentence(setting.text),
  }));
  return [...serverSettings(), ...runtime];
}

function serverSettings(): SettingDescription[] {
  const defaults = ServerConfig.parse({});
  return Object.entries(ServerConfig.shape).map(([name, schema]) => {
    const value = defaults[name as keyof typeof defaults];
    return {
      name,
      env: envName(name),
      defaultValue: value === undefined ? '' : String(value),
      description: schema.description ?? '',
    };
  });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The settings as a Markdown table, for the docs. */
export function describeSettings(): string {
  const rows = listSettings().map(
    ({ name, env, defaultValue, description }) =>
      `| \`${name}\` | \`${env}\` | ${defaultValue === '' ? '' : `\`${defaultValue}\``} | ${description} |`,
  );
  return ['| setting | variable | default | what it is |', '|---|---|---|---|', ...rows].join('\n');
}
