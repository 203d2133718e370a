/** What the system answers for a file that is not there, and for one below a file. */
const NOT_THERE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR']);

/** Whether an error of the disk says that there is no such file. */
export function isNotThere(error: unknown): boolean {
  return NOT_THERE.has((error as NodeJS.ErrnoException).code);
}
