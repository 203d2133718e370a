/** What `make` gave for a key the first time; a failure is kept as well. */
export async function once<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return await known;
  const made = make();
  cache.set(key, made);
  return await made;
}
