import { downloadFile, HubApiError, modelInfo, pathsInfo } from '@huggingface/hub';
import { EnvHttpProxyAgent, fetch as fetchThrough } from 'undici';
import { EXIT, UndertoneError } from '../errors.ts';
import type { FoundationConfig } from './config.ts';

/** What the hub states about a file. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Of large files, which the hub keeps by their content. */
  readonly sha256: string | undefined;
  /** sha1 of git's blob, of small files. */
  readonly gitOid: string | undefined;
}

export interface Hub {
  /** The commit that a branch, tag or commit names. */
  commit(repository: string, revision: string): Promise<string>;
  /** What is stated about those of the paths that exist. */
  files(repository: string, commit: string, paths: readonly string[]): Promise<readonly HubFile[]>;
  /** The bytes of a file from `from` on. Ends with an error after a silence of the hub, and when the signal is aborted. */
  bytes(repository: string, commit: string, file: HubFile, from: number): AsyncIterable<Uint8Array>;
}

/**
 * The hub, or a mirror. Files come by plain ranged requests, which every mirror understands and which can be resumed; by way
 * of the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name.
 *
 * @throws UndertoneError `bad_setting` for a proxy that is no address, `hub_denied`, `hub_not_found`, `hub_unreachable`; the signal's reason when aborted
 */
export function openHub(
  { endpoint, token, stallMs }: Pick<FoundationConfig, 'endpoint' | 'token' | 'stallMs'>,
  signal?: AbortSignal,
): Hub {
  const dispatcher = throughProxy();
  const common = (stop?: AbortSignal) => ({
    hubUrl: endpoint,
    fetch: fetcher({ endpoint, token, stallMs, dispatcher }, signal, stop),
  });
  const ask = async <T>(what: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (error) {
      signal?.throwIfAborted();
      throw hubError({ endpoint, token }, what, error);
    }
  };
  return {
    commit: async (repository, revision) => {
      const info = await ask(`${repository}@${revision}`, () =>
        modelInfo({ name: repository, revision, additionalFields: ['sha'], ...common() }),
      );
      if (typeof info.sha === 'string' && /^[0-9a-f]{40}$/.test(info.sha)) return info.sha;
      throw new UndertoneError('hub_unreachable', `${endpoint} names no commit of ${repository}@${revision}`);
    },
    files: async (repository, commit, paths) => {
      const infos = await ask(`${repository}@${commit}`, () =>
        pathsInfo({
          repo: { type: 'model', name: repository },
          revision: commit,
          paths: [...paths],
          ...common(),
        }),
      );
      const asked = new Set(paths);
      return infos.filter(({ type, path }) => type === 'file' && asked.has(path)).map(hubFile);
    },
    async *bytes(repository, commit, file, from) {
      const stop = new AbortController();
      const stalled = new Error(`nothing came for ${stallMs} ms`);
      try {
        const blob = await ask(file.path, () =>
          downloadFile({
            repo: { type: 'model', name: repository },
            revision: commit,
            path: file.path,
            xet: false,
            ...common(stop.signal),
          }),
        );
        if (blob === null) throw hubError({ endpoint, token }, file.path, undefined);
        const reader = blob.slice(from, file.size).stream().getReader();
        for (;;) {
          const timer = setTimeout(() => stop.abort(stalled), stallMs);
          const { done, value } = await reader.read().finally(() => clearTimeout(timer));
          if (done) return;
          yield value;
        }
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof UndertoneError ? error : hubError({ endpoint, token }, file.path, error);
      } finally {
        stop.abort();
      }
    },
  };
}

/** @throws UndertoneError `hub_unreachable` for an answer without a size or a checksum */
function hubFile({ path, size, lfs, oid }: Awaited<ReturnType<typeof pathsInfo>>[number]): HubFile {
  const file = { path, size, sha256: lfs?.oid, gitOid: lfs === undefined ? oid : undefined };
  const stated =
    file.sha256 === undefined ? /^[0-9a-f]{40}$/.test(file.gitOid ?? '') : /^[0-9a-f]{64}$/.test(file.sha256);
  if (stated && Number.isSafeInteger(size) && size >= 0) return file;
  throw new UndertoneError(
    'hub_unreachable',
    `the hub states no size or no checksum of ${path}; try again, or set HF_ENDPOINT`,
  );
}

/**
 * `fetch` that ends after a silence before the answer, with the caller's signals, and where a range is ignored. It carries
 * the token, to the hub alone: the client would refuse the tokens of mirrors, which need not begin with `hf_`.
 */
function fetcher(
  {
    endpoint,
    token,
    stallMs,
    dispatcher,
  }: Pick<FoundationConfig, 'endpoint' | 'token' | 'stallMs'> & { readonly dispatcher: EnvHttpProxyAgent },
  ...signals: readonly (AbortSignal | undefined)[]
): typeof fetch {
  return async (url, init) => {
    const sent = new Headers(init?.headers);
    const { href } = new URL(url instanceof Request ? url.url : url);
    if (token !== undefined && href.startsWith(new URL(`${endpoint}/`).href))
      sent.set('authorization', `Bearer ${token}`);
    const headers = new AbortController();
    const timer = setTimeout(() => headers.abort(new Error(`no answer within ${stallMs} ms`)), stallMs);
    const all = [headers.signal, ...signals].filter((signal) => signal !== undefined);
    try {
      const { method, body } = init ?? {};
      const signal = AbortSignal.any(all);
      const request = { method, body, headers: [...sent], signal, dispatcher } as Parameters<typeof fetchThrough>[1];
      const response = (await fetchThrough(href, request)) as unknown as Response;
      const range = sent.get('range');
      if (range !== null && !range.startsWith('bytes=0-') && response.status === 200) {
        await response.body?.cancel();
        throw new Error('it does not resume downloads');
      }
      return response;
    } finally {
      clearTimeout(timer);
    }
  };
}

function throughProxy(): EnvHttpProxyAgent {
  try {
    return new EnvHttpProxyAgent();
  } catch (cause) {
    const message = 'HTTPS_PROXY or HTTP_PROXY is no address of a proxy; give one like http://proxy.example:8080';
    throw new UndertoneError('bad_setting', message, { exitCode: EXIT.usage, cause });
  }
}

function hubError(
  { endpoint, token }: Pick<FoundationConfig, 'endpoint' | 'token'>,
  what: string,
  cause: unknown,
): UndertoneError {
  const status = cause instanceof HubApiError ? cause.statusCode : undefined;
  // Also of what everybody may read: a token that the hub does not know is refused before the question.
  if (status === 401 && token !== undefined)
    return new UndertoneError(
      'hub_denied',
      `${endpoint} refuses the token of HF_TOKEN; renew it, or unset it where ${what} is public`,
      { cause },
    );
  if (status === 401 || status === 403)
    return new UndertoneError(
      'hub_denied',
      `${endpoint} refuses ${what}, or has none; accept its terms there and set HF_TOKEN to a token that may read it`,
      { cause },
    );
  if (status === 404 || cause === undefined)
    return new UndertoneError(
      'hub_not_found',
      `${endpoint} has no ${what}; it may have moved: try --revision main, or another endpoint`,
      { cause },
    );
  const why = status === undefined ? reason(cause) : `it answers ${status}`;
  return new UndertoneError(
    'hub_unreachable',
    `${endpoint} did not give ${what} (${why}); try again, set HTTPS_PROXY behind a proxy, or HF_ENDPOINT for a mirror`,
    {
      cause,
    },
  );
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reason(error.cause)}`;
}
