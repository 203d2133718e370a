import { Observable, Subscription } from 'rxjs';
import type { OperatorFunction } from 'rxjs';

/** Merges others into the source; completes with the source and lets go of the others then. */
export function mixIn<T, U>(...others: readonly Observable<U>[]): OperatorFunction<T, T | U> {
  return (source) =>
    new Observable<T | U>((subscriber) => {
      const mixed = new Subscription();
      const next = (item: T | U): void => subscriber.next(item);
      const error = (cause: unknown): void => subscriber.error(cause);
      for (const other of others) mixed.add(other.subscribe({ next, error }));
      subscriber.add(mixed);
      subscriber.add(
        source.subscribe({
          next,
          error,
          complete: () => {
            mixed.unsubscribe();
            subscriber.complete();
          },
        }),
      );
    });
}
