import { Observable } from 'rxjs';
import type { OperatorFunction } from 'rxjs';

/**
 * Maps every item to several at once, in the order of the source: `concatMap` for arrays, without an inner observable
 * for every item.
 *
 * An item that comes while the ones before it are still being given out waits for them. Bound: what one call of the
 * source's `next` leads to. An error of `project` errors the result.
 */
export function mapEach<I, O>(project: (item: I) => readonly O[]): OperatorFunction<I, O> {
  return (source) =>
    new Observable<O>((subscriber) => {
      const waiting: I[] = [];
      let giving = false;
      let completed = false;

      const give = (item: I): void => {
        try {
          for (const output of project(item)) subscriber.next(output);
        } catch (error) {
          subscriber.error(error);
        }
      };
      return source.subscribe({
        next: (item) => {
          if (giving) {
            waiting.push(item);
            return;
          }
          giving = true;
          give(item);
          while (waiting.length > 0 && !subscriber.closed) give(waiting.shift() as I);
          giving = false;
          if (completed) subscriber.complete();
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          completed = true;
          if (!giving) subscriber.complete();
        },
      });
    });
}
