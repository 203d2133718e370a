/** A line about what a command does, on stderr. */
export function note(text: string): void {
  process.stderr.write(`undertone: ${text}\n`);
}
