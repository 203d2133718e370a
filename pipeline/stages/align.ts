import { finalize, map } from 'rxjs';
import { UndertoneError } from '../../models/errors.ts';
import { alarm } from '../operators/alarm.ts';
import { mapEach } from '../operators/map-each.ts';
import { mixIn } from '../operators/mix-in.ts';
import { problem } from '../problems.ts';
import type { SessionContext } from '../context.ts';
import type { Admitted, Aligned, Encoded, FinalizeEvent, FrameEvent } from '../events.ts';
import type { OperatorFunction } from 'rxjs';

type Step = Admitted | { readonly kind: 'tick' } | { readonly kind: 'settled'; readonly ptsMs: number };

/**
 * Puts inputs into media time and says when a prediction is due.
 *
 * Replay: hop T comes before the first input that is later than T. Live: hop T comes when a frame of T or later has
 * been encoded or lost, at the latest `slackWallMs` after T on the wall clock, and at T when no frames flow or the last one
 * took longer than that. When `maxPendingHops` wait for their prediction, hops are skipped with a warning; when media time
 * moves by more hops than there is room for, the oldest are left out, with a warning where it does so again and again by more
 * than `maxHopRate` allows.
 */
export function align(context: SessionContext): OperatorFunction<Admitted, Aligned> {
  return (source) => {
    const timer = alarm(context.clock);
    return source.pipe(
      mixIn(
        timer.rings.pipe(map((): Step => ({ kind: 'tick' }))),
        context.frameSettled.pipe(map((ptsMs): Step => ({ kind: 'settled', ptsMs }))),
      ),
      mapEach((step) => {
        const events = alignStep(context, step);
        if (context.settings.mode === 'live') timer.set(nextHopWallMs(context));
        return events;
      }),
      finalize(() => timer.set(null)),
    );
  };
}

function alignStep(context: SessionContext, step: Step): Aligned[] {
  const { media, settings } = context;
  const live = settings.mode === 'live';
  switch (step.kind) {
    case 'tick':
      return live ? hopsUntil(context, media.nowMs() - slackMs(context)) : [];
    case 'settled':
      return live ? hopsUntil(context, step.ptsMs) : [];
    case 'frame': {
      const mediaMs = step.heldUntilMs ?? step.frame.ptsMs;
      const hops = live ? [] : hopsUntil(context, mediaMs - 1);
      media.observe(mediaMs);
      return [...hops, placeFrame(context, step)];
    }
    case 'caption': {
      const mediaMs = step.heldUntilMs ?? step.caption.start_ms;
      const hops = live ? [] : hopsUntil(context, mediaMs - 1);
      media.observe(mediaMs, step.caption.is_final ? step.caption.end_ms : undefined);
      return [...hops, { ...step, atMs: media.nowMs() }];
    }
    case 'finalize':
      return finish(context, step);
    case 'keepalive':
      return [{ ...step, atMs: media.nowMs() }];
    case 'modality':
    case 'output':
    default:
      return [step];
  }
}

function placeFrame(context: SessionContext, event: FrameEvent): Aligned {
  const { counters, frames, media, settings } = context;
  const { frame, arrivedMs, frozen, lost, settled } = event;
  if (lost === null) {
    const reason = frames.covers(frame.ptsMs, settings.decimateMs)
      ? 'decimated'
      : frame.ptsMs <= media.nowMs() - settings.windowMs
        ? 'late'
        : null;
    if (reason !== null) {
      frames.skip(frame.ptsMs);
      counters.frameDropped(reason);
      return { kind: 'output', output: null, settled };
    }
  }
  const entry = frames.add({ ptsMs: frame.ptsMs, arrivedMs, atMs: media.nowMs(), frozen, cause: lost });
  return lost === null ? { kind: 'placed', frame, entry, settled } : { kind: 'output', output: null, settled };
}

/** Live, the hops that are due then come after the frames before them; those that fall due before come as ever. */
function finish(context: SessionContext, event: FinalizeEvent): Aligned[] {
  const dueMs = endOf(context, event);
  const due = (): Encoded[] => [...hopsUntil(context, dueMs), event];
  return context.settings.mode === 'live' ? [{ kind: 'flush', due }] : due();
}

/** Media time up to which a finalize asks for predictions; media time moves there. */
function endOf({ media, streams }: SessionContext, event: FinalizeEvent): number {
  if (!media.started) return 0;
  const endMs = Math.floor(event.mediaMs ?? media.nowMs());
  if (endMs > media.nowMs() && !event.goesOn) for (const stream of streams.values()) stream.endedMs ??= media.nowMs();
  if (media.reaches(endMs)) media.observe(endMs);
  return Math.min(endMs, media.nowMs());
}

function hopsUntil(context: SessionContext, dueMs: number): Encoded[] {
  const { media, settings, clock, hopAllowance, troubles } = context;
  const live = settings.mode === 'live';
  const room = live ? Math.max(0, settings.maxPendingHops - context.pendingHops) : Infinity;
  // What there is of one counts as one, or the hop that comes soon after a leap would be lost.
  const allowed = live ? Math.max(0, Math.ceil(hopAllowance.left())) : Infinity;
  const skipped = media.skipHops(dueMs, Math.min(room, allowed));
  const hops: Encoded[] = [];
  for (let ptsMs = media.takeHop(dueMs); ptsMs !== null; ptsMs = media.takeHop(dueMs))
    hops.push({ kind: 'hop', ptsMs, firedMs: clock.now() });
  if (live) hopAllowance.spend(hops.length);
  if (room > settings.maxPendingHops / 2) troubles.succeeded('hop');
  if (allowed > settings.maxPendingHops / 2) troubles.succeeded('pace');
  // With room for some of them, it was media time that moved by many hops at once.
  if (skipped && room === 0) {
    const error = new UndertoneError('inference_overloaded', 'predictions fall behind the hop rate; some are skipped');
    hops.push({ kind: 'output', output: troubles.failed('hop', error) });
  } else if (skipped && allowed < room) {
    const message = 'media time goes on faster than twice the clock; some predictions are left out';
    hops.push({ kind: 'output', output: troubles.met('pace', problem('warning', 'media_too_fast', message)) });
  }
  return hops;
}

function nextHopWallMs(context: SessionContext): number | null {
  const wallMs = context.media.nextHopWallMs();
  return wallMs === null ? null : Math.ceil(wallMs + slackMs(context));
}

/** Wait for the frame of the hop's own time only while frames flow, and where the encoder is fast enough for it. */
function slackMs(context: SessionContext): number {
  const { encodeTookMs, frames, media, settings } = context;
  const flowing = frames.newestMs !== null && media.nowMs() - frames.newestMs < settings.gapMs;
  return flowing && encodeTookMs <= settings.slackWallMs ? settings.slackWallMs : 0;
}
