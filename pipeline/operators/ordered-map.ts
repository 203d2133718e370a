import { Observable } from 'rxjs';
import type { OperatorFunction } from 'rxjs';

interface Place<O> {
  settled: { readonly output: O } | undefined;
}

/**
 * Maps with up to `concurrency` promises at once and emits in the order of the source.
 *
 * `project` may answer at once with a plain value. Loses nothing: what comes beyond the concurrency waits, so the
 * source has to be bounded, by back-pressure or by skipping. A rejection of `project` errors the result.
 */
export function orderedMap<I, O extends object>(
  project: (item: I) => O | Promise<O>,
  concurrency: number,
): OperatorFunction<I, O> {
  return (source) =>
    new Observable<O>((subscriber) => {
      const waiting: I[] = [];
      const places: Place<O>[] = [];
      let running = 0;
      let completed = false;
      let draining = false;

      const settle = (place: Place<O>, output: O): void => {
        place.settled = { output };
        drain();
      };
      const settleLater = async (place: Place<O>, output: Promise<O>): Promise<void> => {
        try {
          const value = await output;
          running--;
          settle(place, value);
        } catch (error) {
          subscriber.error(error);
        }
      };
      const start = (item: I): void => {
        const place: Place<O> = { settled: undefined };
        places.push(place);
        const output = project(item);
        if (!(output instanceof Promise)) return settle(place, output);
        running++;
        void settleLater(place, output);
      };
      const drain = (): void => {
        if (draining) return;
        draining = true;
        while (!subscriber.closed) {
          const head = places[0]?.settled;
          if (head) {
            places.shift();
            subscriber.next(head.output);
          } else if (running < concurrency && waiting.length > 0) {
            start(waiting.shift() as I);
          } else break;
        }
        draining = false;
        if (completed && places.length === 0 && waiting.length === 0) subscriber.complete();
      };

      subscriber.add(
        source.subscribe({
          next: (item) => {
            waiting.push(item);
            drain();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            completed = true;
            drain();
          },
        }),
      );
    });
}
