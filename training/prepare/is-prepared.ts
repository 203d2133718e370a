/** Whether a name is that of a file that `data prepare` made, rather than of a data set. */
export function isPrepared(name: string): boolean {
  return name.endsWith('.safetensors');
}
