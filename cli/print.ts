/** A line of a command's result, on stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
