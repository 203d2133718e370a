import { Observable } from 'rxjs';
import type { OperatorFunction } from 'rxjs';

/** Gives the waiting item to a run that has not begun in earnest, and drops the one it had; undefined where none waits. */
export type TakeNewer<I> = () => I | undefined;

/**
 * One running, newest waiting.
 *
 * Starts `project` at once when nothing runs; what comes while it runs takes the one waiting place, and what waited
 * there before goes to `onDrop`. A run that is itself waiting for its turn may exchange its item for the one that waits.
 * So lag is bounded by one run, and the last item is never lost. Bound: 2 items.
 * A rejection of `project` errors the result; the source's completion waits for what runs and what waits.
 */
export function conflate<I, O>(
  project: (item: I, newer: TakeNewer<I>) => Promise<O>,
  onDrop: (item: I) => void,
): OperatorFunction<I, O> {
  return (source) =>
    new Observable<O>((subscriber) => {
      let running = false;
      let waiting: { readonly item: I } | undefined;
      let completed = false;

      const start = (item: I): void => {
        running = true;
        let current = item;
        const newer = (): I | undefined => {
          if (!waiting) return undefined;
          onDrop(current);
          current = waiting.item;
          waiting = undefined;
          return current;
        };
        project(item, newer).then(finish, fail);
      };
      const finish = (output: O): void => {
        if (subscriber.closed) return;
        subscriber.next(output);
        startWaiting();
      };
      const fail = (error: unknown): void => subscriber.error(error);
      const startWaiting = (): void => {
        running = false;
        const next = waiting;
        waiting = undefined;
        if (next) start(next.item);
        else if (completed) subscriber.complete();
      };

      subscriber.add(() => {
        if (waiting) onDrop(waiting.item);
        waiting = undefined;
      });
      subscriber.add(
        source.subscribe({
          next: (item) => {
            if (!running) return start(item);
            if (waiting) onDrop(waiting.item);
            waiting = { item };
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            completed = true;
            if (!running) subscriber.complete();
          },
        }),
      );
    });
}
