/** Whether an image is within a size, as it is or turned upright. */
export function fitsWithin(width: number, height: number, maxWidth: number, maxHeight: number): boolean {
  return (width <= maxWidth && height <= maxHeight) || (height <= maxWidth && width <= maxHeight);
}
