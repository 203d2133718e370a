const NAMESPACE = '/v1/live';

/**
 * What socket.io is to be given for `wss://host/v1/live`: the address with the namespace alone as its path, and the path of the
 * requests, which a proxy may serve below another one (`wss://host/mood/v1/live`).
 */
export function socketIoAddress(url: string): { readonly address: string; readonly path: string } {
  const { origin, pathname, search } = new URL(url.replace(/^ws/, 'http'));
  const at = pathname.lastIndexOf(NAMESPACE);
  const below = at < 0 ? '' : pathname.slice(0, at);
  return { address: `${origin}${pathname.slice(below.length)}${search}`, path: `${below}/socket.io/` };
}
