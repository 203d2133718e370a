import { BACKOFF } from './backoff.ts';
import { ClientError } from './client-error.ts';
import type { BackoffOptions } from './backoff.ts';
import type { ConnectOptions } from './options.ts';

/** The options that the client itself keeps to, each with a value. */
export interface Settings {
  readonly keepaliveMs: number;
  readonly handshakeMs: number;
  readonly staleMs: number;
  readonly closeMs: number;
  readonly captionBuffer: number;
  readonly eventBuffer: number;
  /** Null never reconnects. */
  readonly backoff: BackoffOptions | null;
}

const DEFAULTS = {
  keepaliveMs: 5000,
  handshakeMs: 10_000,
  staleMs: 15_000,
  closeMs: 3000,
  captionBuffer: 128,
  eventBuffer: 1024,
};

/** The longest that timers wait, 24 days: what is longer, or Infinity, they would not wait at all. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The client's own options; those that are absent or undefined have their defaults.
 *
 * @throws {ClientError} `bad_options` naming one that is no number from 0 on
 */
export function settingsOf(options: ConnectOptions): Settings {
  const own = numbersOf(options, DEFAULTS);
  const { reconnect } = options;
  if (reconnect === false) return { ...own, backoff: null };
  const { random, ...numbers } = BACKOFF;
  const backoff = { ...numbersOf(reconnect ?? {}, numbers, 'reconnect.'), random: reconnect?.random ?? random };
  return { ...own, backoff };
}

function numbersOf<Name extends string>(
  given: { readonly [K in NoInfer<Name>]?: unknown },
  defaults: Readonly<Record<Name, number>>,
  at = '',
): Record<Name, number> {
  const names = Object.keys(defaults) as Name[];
  const entries = names.map((name) => {
    const value = given[name] ?? defaults[name];
    if (typeof value !== 'number' || !(value >= 0))
      throw new ClientError('bad_options', `${at}${name} must be a number from 0 on: ${String(value)}`);
    return [name, name.endsWith('Ms') ? Math.min(value, LONGEST_MS) : value];
  });
  return Object.fromEntries(entries) as Record<Name, number>;
}
