import { envName, ServerConfig } from './config.ts';

export interface SettingDescription {
  readonly name: string;
  readonly env: string;
  /** As written on the command line or in the environment; empty when there is none. */
  readonly defaultValue: string;
  readonly description: string;
}

/** Every setting of the server, in the order of its schema. */
export function listSettings(): SettingDescription[] {
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

/** The settings as a Markdown table, for the docs. */
export function describeSettings(): string {
  const rows = listSettings().map(
    ({ name, env, defaultValue, description }) =>
      `| \`${name}\` | \`${env}\` | ${defaultValue === '' ? '' : `\`${defaultValue}\``} | ${description} |`,
  );
  return ['| setting | variable | default | what it is |', '|---|---|---|---|', ...rows].join('\n');
}
