import progress from 'cli-progress';

export interface ProgressBar {
  /** `total` is Infinity where it is not known: the bar stays empty. */
  update(value: number, total: number, values: object): void;
  /** Takes the bar away; the next update shows it again. Idempotent. */
  stop(): void;
}

/** A progress bar on stderr; silent where that is no terminal. `format` is cli-progress's. */
export function progressBar(format: string): ProgressBar {
  const bar = new progress.SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: true },
    progress.Presets.shades_classic,
  );
  let started = false;
  return {
    update: (value, total, values) => {
      if (!process.stderr.isTTY) return;
      if (!started) bar.start(total, value, values);
      started = true;
      bar.setTotal(total);
      bar.update(value, values);
    },
    stop: () => {
      if (started) bar.stop();
      started = false;
    },
  };
}
