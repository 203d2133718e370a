import { clientAddress } from './address.ts';
import { clientNetwork } from './client-network.ts';
import type { IncomingMessage } from 'node:http';
import type { ServerConfig } from '../config.ts';

export interface RefusedConnection {
  readonly status: 403 | 429;
  readonly reason: 'origin' | 'address_limit';
}

/** Told of every connection that is refused. */
export type OnRefused = (reason: RefusedConnection['reason'], request: IncomingMessage) => void;

/**
 * Decides which streaming connections may come in, alike for both transports: their Origin, and how many per address, or
 * network of 64 bits in IPv6.
 */
export class Admission {
  readonly #config: ServerConfig;
  readonly #perClient = new Map<string, number>();
  readonly #onEmpty = new Set<() => void>();
  #total = 0;

  constructor(config: ServerConfig) {
    this.#config = config;
  }

  /** Open streaming connections. */
  get total(): number {
    return this.#total;
  }

  address(request: IncomingMessage): string {
    return clientAddress(request, this.#config.trustProxyHops);
  }

  /** What counts as one client. */
  network(request: IncomingMessage): string {
    return clientNetwork(this.address(request));
  }

  /** Why a connection is refused. */
  refuses(request: IncomingMessage): RefusedConnection | undefined {
    if (!isAllowedOrigin(request, this.#config.origins)) return { status: 403, reason: 'origin' };
    const open = this.#perClient.get(this.network(request)) ?? 0;
    if (open >= this.#config.maxConnectionsPerAddress) return { status: 429, reason: 'address_limit' };
    return undefined;
  }

  /** Counts a connection in; returns the idempotent counting out. */
  enter(request: IncomingMessage): () => void {
    const client = this.network(request);
    this.#total++;
    this.#perClient.set(client, (this.#perClient.get(client) ?? 0) + 1);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#total--;
      const left = (this.#perClient.get(client) ?? 1) - 1;
      if (left > 0) this.#perClient.set(client, left);
      else this.#perClient.delete(client);
      if (this.#total > 0) return;
      for (const resolve of this.#onEmpty) resolve();
      this.#onEmpty.clear();
    };
  }

  /** Resolves when nobody is connected. */
  whenEmpty(): Promise<void> {
    if (this.#total === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#onEmpty.add(resolve));
  }
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** An origin never has the default port of its scheme; the `Host` that a proxy passes on may. */
function isHost({ protocol, host, port }: URL, given: string | undefined): boolean {
  return given === host || (port === '' && given === `${host}:${DEFAULT_PORTS[protocol]}`);
}

/**
 * Browsers always say where a page came from: it must be this host (whatever the scheme, as TLS may end before us) or a
 * configured origin. Programs send no Origin.
 */
function isAllowedOrigin(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
  return isHost(url, host?.toLowerCase()) || origins.includes(url.origin);
}
