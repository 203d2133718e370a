import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from '../../models/bundle/sha256.ts';

export interface HubServer {
  readonly url: string;
  /** The commit that `main` names. */
  commit: string;
  /** Files of every commit; the newest is `main`'s. */
  readonly repository: Map<string, Readonly<Record<string, Uint8Array>>>;
  /** What is served in place of a file's bytes, while something else is stated. */
  readonly tampered: Map<string, Uint8Array>;
  /** Bytes of a file that are sent until the connection breaks, once each. */
  readonly breakAfter: Map<string, number>;
  /** Bytes of a file that are sent until nothing more comes, once each. */
  readonly stallAfter: Map<string, number>;
  /** Whether a range is answered with that part alone. */
  ranges: boolean;
  /** What is told of files besides those that were asked for. */
  readonly unasked: object[];
  /** When set, what a request must carry. */
  token: string | undefined;
  /** Status of the answer to one that does not. */
  refusal: 401 | 403;
  /** Requests as `METHOD path [range]`. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * A hub with one repository, `test/tiny-clip`, that answers the requests of Hugging Face's client: the commit of a branch,
 * what is known of files, and their bytes, whole or a range, by way of a redirection as large files have on the hub.
 */
export async function startHub(files: Readonly<Record<string, Uint8Array>>): Promise<HubServer> {
  const commit = commitOf('first');
  const hub = {
    commit,
    repository: new Map([[commit, files]]),
    tampered: new Map<string, Uint8Array>(),
    breakAfter: new Map<string, number>(),
    stallAfter: new Map<string, number>(),
    ranges: true,
    unasked: [] as object[],
    token: undefined as string | undefined,
    refusal: 401 as HubServer['refusal'],
    requests: [] as string[],
  };
  const server = createServer((request, response) => {
    const range = request.headers.range;
    hub.requests.push(`${request.method} ${request.url}${range === undefined ? '' : ` ${range}`}`);
    void answer(hub, request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return Object.assign(hub, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  });
}

/** A commit's name, made of some text. */
export function commitOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

type State = Omit<HubServer, 'url' | 'close'>;

async function answer(hub: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://hub').pathname;
  if (hub.token !== undefined && !path.startsWith('/cdn/') && request.headers.authorization !== `Bearer ${hub.token}`) {
    json(response, hub.refusal, { error: 'Access to model test/tiny-clip is restricted' });
    return;
  }
  const info = /^\/api\/models\/test\/tiny-clip\/revision\/(.+)$/.exec(path)?.[1];
  if (info !== undefined) {
    const sha = resolved(hub, decodeURIComponent(info));
    if (sha === undefined) json(response, 404, { error: 'Invalid rev id' });
    else
      json(response, 200, {
        _id: '1',
        id: 'test/tiny-clip',
        sha,
        private: false,
        gated: false,
        lastModified: '2026-01-01',
      });
    return;
  }
  const paths = /^\/api\/models\/test\/tiny-clip\/paths-info\/(.+)$/.exec(path)?.[1];
  if (paths !== undefined) {
    const files = filesAt(hub, paths);
    const { paths: wanted } = JSON.parse(await bodyOf(request)) as { paths: string[] };
    json(response, 200, [
      ...wanted.flatMap((name) => (files[name] === undefined ? [] : [pathInfo(name, files[name])])),
      ...hub.unasked,
    ]);
    return;
  }
  const [, revision, name] = /^\/test\/tiny-clip\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (revision !== undefined && name !== undefined) {
    const bytes = filesAt(hub, revision)[name];
    if (bytes === undefined) json(response, 404, { error: 'Entry not found' }, { 'x-error-code': 'EntryNotFound' });
    else if (isLarge(name)) response.writeHead(302, { location: `/cdn/${revision}/${name}` }).end();
    else send(hub, request, response, name, bytes);
    return;
  }
  const [, at, file] = /^\/cdn\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const bytes = at === undefined || file === undefined ? undefined : filesAt(hub, at)[file];
  if (file === undefined || bytes === undefined) json(response, 404, { error: 'Repository not found' });
  else send(hub, request, response, file, bytes);
}

function send(hub: State, request: IncomingMessage, response: ServerResponse, name: string, stated: Uint8Array): void {
  const bytes = hub.tampered.get(name) ?? stated;
  const asked = hub.ranges ? (request.headers.range ?? '') : '';
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(asked) ?? [];
  const part = from === undefined ? bytes : bytes.subarray(Number(from), Number(to) + 1);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-length': part.length,
    etag: `"${sha256(stated)}"`,
    ...(from === undefined ? {} : { 'content-range': `bytes ${from}-${to}/${bytes.length}` }),
  });
  const stall = hub.stallAfter.get(name);
  if (stall !== undefined && part.length > stall) {
    hub.stallAfter.delete(name);
    response.write(part.subarray(0, stall));
    return;
  }
  const limit = hub.breakAfter.get(name);
  if (limit === undefined || part.length <= limit) {
    response.end(part);
    return;
  }
  hub.breakAfter.delete(name);
  response.write(part.subarray(0, limit), () => setTimeout(() => response.destroy(), 20));
}

function pathInfo(path: string, bytes: Uint8Array): object {
  const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const lfs = { oid: sha256(bytes), size: bytes.length, pointerSize: 134 };
  return { type: 'file', path, size: bytes.length, oid, ...(isLarge(path) ? { lfs } : {}) };
}

function isLarge(name: string): boolean {
  return name.includes('.onnx');
}

function resolved(hub: State, revision: string): string | undefined {
  if (revision === 'main') return hub.commit;
  return hub.repository.has(revision) ? revision : undefined;
}

function filesAt(hub: State, revision: string): Readonly<Record<string, Uint8Array>> {
  return hub.repository.get(resolved(hub, revision) ?? '') ?? {};
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function json(response: ServerResponse, status: number, value: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
