import { finalize, map } from 'rxjs';
import { lossProcess } from '../absence/loss-process.ts';
import { DelayLine } from '../memory/delay-line.ts';
import { alarm } from '../operators/alarm.ts';
import { mapEach } from '../operators/map-each.ts';
import { mixIn } from '../operators/mix-in.ts';
import type { Fate } from '../absence/loss-process.ts';
import type { SessionContext } from '../context.ts';
import type { Admitted, CaptionEvent, FrameEvent, SwitchEvent } from '../events.ts';
import type { OperatorFunction } from 'rxjs';

type Media = FrameEvent | CaptionEvent;

/** Of pictures that wait for their delay, live; a replay has its frames to itself. No frame waits until it is out of the window. */
const MAX_DELAYED_BYTES = 4 * 2 ** 20;

/**
 * Takes media away as `modality.set` asks for: drops, bursts, freezes and delays, seeded, as a function of media time.
 *
 * What is lost or late leaves a hole that is marked `injected`; its push settles at once.
 */
export function inject(context: SessionContext): OperatorFunction<Admitted, Admitted> {
  return (source) => {
    const injection = new Injection(context);
    const timer = alarm(context.clock);
    return source.pipe(
      mixIn(timer.rings.pipe(map(() => ({ kind: 'release' as const })))),
      mapEach((step) => {
        const events = step.kind === 'release' ? injection.release(context.clock.now()) : injection.step(step);
        if (context.settings.mode === 'live') timer.set(injection.nextMs);
        return events;
      }),
      finalize(() => {
        timer.set(null);
        injection.discard();
      }),
    );
  };
}

class Injection {
  readonly #context: SessionContext;
  readonly #losses = new Map<string, (ptsMs: number) => Fate>();
  readonly #delayed: Readonly<Record<Media['kind'], DelayLine>>;

  constructor(context: SessionContext) {
    this.#context = context;
    const maxBytes = context.settings.mode === 'live' ? MAX_DELAYED_BYTES : Infinity;
    this.#delayed = { frame: new DelayLine(maxBytes), caption: new DelayLine(maxBytes) };
  }

  /** When the next delayed item is due; null when none waits. */
  get nextMs(): number | null {
    const { frame, caption } = this.#delayed;
    const dueMs = Math.min(frame.nextMs, caption.nextMs);
    return dueMs === Infinity ? null : dueMs;
  }

  step(event: Admitted): Admitted[] {
    switch (event.kind) {
      case 'frame':
      case 'caption': {
        const released = this.#releaseInReplay(mediaMsOf(event));
        return [...released, ...this.#meet(event)];
      }
      case 'modality':
        this.#switch(event);
        return [event];
      case 'finalize':
        return [...this.#releaseInReplay(event.mediaMs ?? this.#context.media.nowMs()), event];
      case 'keepalive':
      case 'output':
      default:
        return [event];
    }
  }

  /** The items whose delay is over, in the order in which it ended. */
  release(nowMs: number): Admitted[] {
    const { frame, caption } = this.#delayed;
    return [...frame.release(nowMs), ...caption.release(nowMs)]
      .toSorted((a, b) => a.dueMs - b.dueMs)
      .map(({ dueMs, event }) => (this.#context.settings.mode === 'live' ? event : { ...event, heldUntilMs: dueMs }));
  }

  /** Nothing more is released. */
  discard(): void {
    for (const waiting of Object.values(this.#delayed))
      for (const { event } of waiting.release(Infinity)) this.#count(event);
  }

  #releaseInReplay(mediaMs: number): Admitted[] {
    return this.#context.settings.mode === 'replay' ? this.release(mediaMs) : [];
  }

  #switch(event: SwitchEvent): void {
    if (event.loss === undefined) return;
    if (event.loss === null) this.#losses.delete(event.modality);
    else this.#losses.set(event.modality, lossProcess(event.loss, event.modality));
  }

  #meet(event: Media): Admitted[] {
    const { frameModality, captionModality } = this.#context.settings;
    const loss = this.#losses.get((event.kind === 'frame' ? frameModality : captionModality) ?? '');
    // The client's pause is no loss to make up for, and what comes in it is not to be seen.
    if (event.lost) return [event];
    if (!loss) return this.#pass(event);
    const fate = loss(mediaMsOf(event));
    switch (fate.action) {
      case 'pass':
        return this.#pass(event);
      case 'drop':
        return this.#drop(event);
      case 'delay':
        this.#keep(event);
        return this.#delay(event, fate.delayMs);
      case 'freeze':
      default: {
        const frozen = this.#freeze(event);
        if (!frozen) return this.#drop(event);
        return fate.delayMs > 0 ? this.#delay(frozen, fate.delayMs) : [frozen];
      }
    }
  }

  #pass(event: Media): Admitted[] {
    this.#keep(event);
    return [event];
  }

  /** It is the one to repeat now; what repeats a delayed one has the same delay. */
  #keep(event: Media): void {
    const { image, text } = this.#context.repeatable;
    if (event.kind === 'frame') image.keep(event.frame.image, event.frame.ptsMs);
    else text.keep(event.caption.text, event.caption.end_ms);
  }

  #drop(event: Media): Admitted[] {
    this.#count(event);
    return [holeOf(event)];
  }

  #delay(event: Media, delayMs: number): Admitted[] {
    const { clock, settings } = this.#context;
    const waiting = this.#delayed[event.kind];
    const sinceMs = settings.mode === 'live' ? clock.now() : mediaMsOf(event);
    const dueMs = Math.max(sinceMs + delayMs, waiting.lastMs);
    if (event.kind === 'frame' && dueMs - sinceMs >= settings.windowMs) {
      this.#context.counters.frameDropped('late');
      return [holeOf(event)];
    }
    const lost = waiting.push({ dueMs, event: { ...event, settled: () => undefined } });
    for (const oldest of lost) this.#count(oldest.event);
    return [holeOf(event)];
  }

  /** The last item in the place of this one; null where it is too old for the windows that would show it. */
  #freeze(event: Media): Media | null {
    const { media, repeatable, settings } = this.#context;
    if (event.kind === 'frame') {
      repeatable.image.prune(event.frame.ptsMs - settings.windowMs);
      const image = repeatable.image.value;
      return image && this.#repeat({ ...event, frame: { ...event.frame, image }, frozen: true });
    }
    const shownMs = Math.max(media.nowMs(), event.caption.end_ms);
    repeatable.text.prune(shownMs - settings.windowMs - settings.latenessMs);
    const text = repeatable.text.value;
    return text === null ? null : this.#repeat({ ...event, caption: { ...event.caption, text }, frozen: true });
  }

  /** A window shows the repetition now, so that it can be repeated in turn. */
  #repeat(event: Media): Media {
    this.#keep(event);
    return event;
  }

  #count(event: Media): void {
    if (event.kind === 'frame') this.#context.counters.frameDropped('injected');
    else this.#context.counters.captionsInjected++;
  }
}

function mediaMsOf(event: Media): number {
  return event.kind === 'frame' ? event.frame.ptsMs : event.caption.start_ms;
}

function holeOf(event: Media): Media {
  return event.kind === 'frame' ? { ...event, lost: 'injected' } : { ...event, lost: true };
}
