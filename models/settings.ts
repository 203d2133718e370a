import { z } from 'zod';
import { EXIT, UndertoneError } from './errors.ts';

declare module 'zod' {
  interface GlobalMeta {
    /** Environment variable of a setting; UNDERTONE_ and its name in upper snake case where absent. */
    variable?: string;
    /** What the docs show as the default of a setting whose default is made when it is read. */
    shownDefault?: string;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting as the docs list it. */
export interface SettingDescription {
  readonly name: string;
  readonly variable: string;
  /** As it would be written in the environment; empty where there is none. */
  readonly defaultValue: string;
  readonly description: string;
}

/**
 * Settings from, in this order: `given`, the environment, the defaults of the schema. An empty or blank variable counts as
 * absent.
 *
 * @throws UndertoneError `bad_setting` (exit code 2) that names the setting and its variable, and never repeats a value
 */
export function readSettings<Settings extends z.ZodObject>(
  schema: Settings,
  env: Environment,
  given: { readonly [K in keyof z.output<Settings>]?: unknown } = {},
): z.output<Settings> {
  const values = Object.entries(schema.shape).flatMap(([name, setting]) => {
    const value = given[name] ?? (env[variableOf(name, setting)]?.trim() || undefined);
    return value === undefined ? [] : [[name, value] as const];
  });
  const parsed = schema.safeParse(Object.fromEntries(values));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '');
  const setting = schema.shape[name];
  const variable = setting ? ` (${variableOf(name, setting)})` : '';
  // A text that is coerced arrives as NaN, which says nothing about what was written.
  const notANumber = issue?.code === 'invalid_type' && issue.expected === 'number';
  const message = `${name}${variable}: ${notANumber ? 'is not a number' : (issue?.message ?? 'is not valid')}`;
  throw new UndertoneError('bad_setting', message, { exitCode: EXIT.usage });
}

/** Every setting of a schema, in its order. */
export function describeSettings(schema: z.ZodObject): SettingDescription[] {
  const defaults = schema.parse({}) as Readonly<
    Record<string, string | number | boolean | readonly string[] | undefined>
  >;
  return Object.entries(schema.shape).map(([name, setting]) => {
    const { description = '', shownDefault } = metaOf(setting);
    return {
      name,
      variable: variableOf(name, setting),
      defaultValue: shownDefault ?? [defaults[name] ?? []].flat().join(),
      description,
    };
  });
}

/** `idleMs` -> `UNDERTONE_IDLE_MS`, unless the setting names another one. */
function variableOf(name: string, setting: z.core.$ZodType): string {
  const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return metaOf(setting).variable ?? `UNDERTONE_${snake.toUpperCase()}`;
}

function metaOf(setting: z.core.$ZodType): z.GlobalMeta {
  return z.globalRegistry.get(setting) ?? {};
}
