import { resolveInside } from '../bundle/resolve-inside.ts';
import type { DeviceInfo } from '../model.ts';
import { once } from './once.ts';
import { type OrtSession, openSession } from './session.ts';

export interface SessionCacheOptions {
  /** The folder; its files must have been verified. */
  readonly dir: string;
  readonly provider: DeviceInfo['provider'];
  /** Threads inside one operator. */
  readonly threads: number;
  /** Once it is aborted none is given any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Sessions of the files of one folder, each opened when it is first used. */
export class SessionCache {
  readonly #options: SessionCacheOptions;
  readonly #sessions = new Map<string, Promise<OrtSession>>();

  constructor(options: SessionCacheOptions) {
    this.#options = options;
  }

  /** @throws the signal's reason; UndertoneError `model_unreadable` */
  async open(file: string): Promise<OrtSession> {
    const { dir, provider, threads, signal } = this.#options;
    signal?.throwIfAborted();
    return await once(this.#sessions, file, async () =>
      openSession(await resolveInside(dir, file), { provider, threads }),
    );
  }

  /** Releases them. Idempotent. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) {
      await session.then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
  }
}
