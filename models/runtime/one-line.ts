/** What an error or a process said, as one line of at most `most` characters. */
export function oneLine(said: unknown, most = 300): string {
  const text = said instanceof Error ? said.message : String(said);
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, most);
}
