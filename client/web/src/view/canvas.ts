/** A canvas with as many pixels as the screen shows, drawn in CSS pixels. */
export interface Surface {
  /** Clears and gives the context with the size to draw in; null while it is not visible. */
  begin(): { readonly context: CanvasRenderingContext2D; readonly width: number; readonly height: number } | null;
  close(): void;
}

export function surface(canvas: HTMLCanvasElement): Surface {
  const context = canvas.getContext('2d');
  let width = 0;
  let height = 0;
  const observer = new ResizeObserver(([entry]) => {
    width = entry?.contentRect.width ?? 0;
    height = entry?.contentRect.height ?? 0;
  });
  observer.observe(canvas);
  return {
    begin() {
      if (!context || width === 0 || height === 0) return null;
      const scale = devicePixelRatio;
      const [pixelsX, pixelsY] = [Math.round(width * scale), Math.round(height * scale)];
      if (canvas.width !== pixelsX || canvas.height !== pixelsY) {
        canvas.width = pixelsX;
        canvas.height = pixelsY;
      }
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      return { context, width, height };
    },
    close: () => observer.disconnect(),
  };
}
