import type { TestClient } from './test-client.ts';

/** Streams into a session: a frame every `everyMs` and a caption for each two, media time being time since the start. */
export interface Feed {
  video: boolean;
  text: boolean;
  /** `ptsMs`: media time of the newest. */
  readonly sent: { frames: number; captions: number; ptsMs: number };
  stop(): void;
}

export function feed(client: TestClient, everyMs: number): Feed {
  const startMs = performance.now();
  const state: Feed = {
    video: true,
    text: true,
    sent: { frames: 0, captions: 0, ptsMs: 0 },
    stop: () => clearInterval(timer),
  };
  let ticks = 0;
  const tick = (): void => {
    const ptsMs = Math.round(performance.now() - startMs);
    state.sent.ptsMs = ptsMs;
    if (state.video) client.frame(state.sent.frames++, ptsMs);
    if (state.text && ticks++ % 2 === 0) {
      const id = state.sent.captions++;
      client.caption(`s${id}`, `words number ${id}`, Math.max(0, ptsMs - everyMs), ptsMs);
    }
  };
  const timer = setInterval(tick, everyMs);
  tick();
  return state;
}
