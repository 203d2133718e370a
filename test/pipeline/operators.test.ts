import * as fc from 'fast-check';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type TakeNewer, conflate } from '../../pipeline/operators/conflate.ts';
import { orderedMap } from '../../pipeline/operators/ordered-map.ts';
import { alarm } from '../../pipeline/operators/alarm.ts';
import { mapEach } from '../../pipeline/operators/map-each.ts';
import { mixIn } from '../../pipeline/operators/mix-in.ts';
import { settle, virtualClock } from '../support/virtual-clock.ts';

/** What happens to an operator: an item comes, the oldest running promise ends, or asks for a newer item. */
const steps = fc.array(fc.constantFrom('item' as const, 'end' as const, 'newer' as const), { maxLength: 60 });

/** Promises that end when told to, first started first. */
function work() {
  const running: { item: number; newer: TakeNewer<number> | undefined; resolve: (out: { item: number }) => void }[] =
    [];
  return {
    project: (item: number, newer?: TakeNewer<number>) =>
      new Promise<{ item: number }>((resolve) => void running.push({ item, newer, resolve })),
    end: () => {
      const run = running.shift();
      run?.resolve({ item: run.item });
    },
    newer: () => {
      const [run] = running;
      if (run) run.item = run.newer?.() ?? run.item;
    },
    running: () => running.length,
  };
}

describe('conflate', () => {
  it('runs one, keeps the newest, and loses nothing unaccounted', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const source = new Subject<number>();
        const { project, end, newer, running } = work();
        const dropped: number[] = [];
        const out: number[] = [];
        let mostRunning = 0;
        let completed = false;
        source.pipe(conflate(project, (item) => dropped.push(item))).subscribe({
          next: ({ item }) => out.push(item),
          complete: () => (completed = true),
        });
        let items = 0;
        for (const step of sequence) {
          if (step === 'item') source.next(items++);
          else if (step === 'newer') newer();
          else end();
          await settle();
          mostRunning = Math.max(mostRunning, running());
        }
        source.complete();
        for (let i = 0; i < 2; i++) {
          end();
          await settle();
        }
        expect(mostRunning).toBeLessThanOrEqual(1);
        expect(out).toEqual([...out].sort((a, b) => a - b));
        expect([...out, ...dropped].sort((a, b) => a - b)).toEqual(Array.from({ length: items }, (_, i) => i));
        expect(out.at(-1)).toBe(items === 0 ? undefined : items - 1);
        expect(completed).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('drops what waits when it is left', async () => {
    const source = new Subject<number>();
    const { project } = work();
    const dropped: number[] = [];
    const subscription = source.pipe(conflate(project, (item) => dropped.push(item))).subscribe();
    for (const item of [1, 2, 3]) source.next(item);
    subscription.unsubscribe();
    expect(dropped).toEqual([2, 3]);
  });

  it('passes on what the work and the source fail with', async () => {
    const errors: unknown[] = [];
    const source = new Subject<number>();
    source
      .pipe(
        conflate(
          () => Promise.reject(new Error('work')),
          () => undefined,
        ),
      )
      .subscribe({ error: (error: unknown) => errors.push(error) });
    source.next(1);
    await settle();
    expect(errors).toEqual([new Error('work')]);
    const failing = new Subject<number>();
    const never = conflate(
      () => new Promise<never>(() => {}),
      () => undefined,
    );
    failing.pipe(never).subscribe({ error: (error: unknown) => errors.push(error) });
    failing.next(1);
    failing.error(new Error('source'));
    expect(errors).toEqual([new Error('work'), new Error('source')]);
  });
});

describe('orderedMap', () => {
  it('keeps the order and the concurrency, whatever ends first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.option(fc.integer({ min: 1, max: 50 }), { nil: null }), { maxLength: 40 }),
        async (concurrency, delays) => {
          const clock = virtualClock();
          const source = new Subject<number>();
          const out: number[] = [];
          let running = 0;
          let mostRunning = 0;
          let completed = false;
          const project = (item: number): { item: number } | Promise<{ item: number }> => {
            const delayMs = delays[item];
            if (delayMs === null || delayMs === undefined) return { item };
            mostRunning = Math.max(mostRunning, ++running);
            return new Promise((resolve) => {
              clock.schedule(delayMs, () => {
                running--;
                resolve({ item });
              });
            });
          };
          source.pipe(orderedMap(project, concurrency)).subscribe({
            next: ({ item }) => out.push(item),
            complete: () => (completed = true),
          });
          delays.forEach((_, item) => source.next(item));
          source.complete();
          await clock.advance(50 * delays.length);
          await settle();
          expect(out).toEqual(delays.map((_, item) => item));
          expect(mostRunning).toBeLessThanOrEqual(concurrency);
          expect(completed).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives plain values at once where nothing runs before them', () => {
    const source = new Subject<number>();
    const out: number[] = [];
    source.pipe(orderedMap((item) => ({ item }), 2)).subscribe(({ item }) => out.push(item));
    source.next(1);
    expect(out).toEqual([1]);
  });
});

describe('alarm', () => {
  it('rings once at the last time set', async () => {
    const clock = virtualClock();
    const timer = alarm(clock);
    const rings: number[] = [];
    timer.rings.subscribe(() => rings.push(clock.now()));
    timer.set(100);
    timer.set(50);
    timer.set(70);
    await clock.advance(200);
    expect(rings).toEqual([70]);
    timer.set(300);
    timer.set(null);
    await clock.advance(200);
    expect(rings).toEqual([70]);
    expect(clock.pending()).toBe(0);
  });
});

describe('mixIn', () => {
  it('ends with the source and lets go of the others', () => {
    const [source, other] = [new Subject<number>(), new Subject<string>()];
    const out: unknown[] = [];
    source.pipe(mixIn(other)).subscribe({ next: (item) => out.push(item), complete: () => out.push('end') });
    source.next(1);
    other.next('a');
    source.complete();
    other.next('b');
    expect(out).toEqual([1, 'a', 'end']);
    expect(other.observed).toBe(false);
  });
});

describe('mapEach', () => {
  it('gives out in order, also what comes while it gives', () => {
    const source = new Subject<number>();
    const out: number[] = [];
    let completed = false;
    source.pipe(mapEach((item) => [item, item + 0.5])).subscribe({
      next: (item) => {
        out.push(item);
        if (item === 1) source.next(2);
        if (item === 2) source.complete();
      },
      complete: () => (completed = true),
    });
    source.next(1);
    expect(out).toEqual([1, 1.5, 2, 2.5]);
    expect(completed).toBe(true);
  });

  it('fails as its function does', () => {
    const source = new Subject<number>();
    const errors: unknown[] = [];
    source
      .pipe(
        mapEach((): number[] => {
          throw new Error('no');
        }),
      )
      .subscribe({ error: (error) => errors.push(error) });
    source.next(1);
    source.next(2);
    expect(errors).toEqual([new Error('no')]);
    expect(source.observed).toBe(false);
  });
});
