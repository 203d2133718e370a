import { connect, endWith, ignoreElements, merge, takeUntil } from 'rxjs';
import type { Observable, OperatorFunction } from 'rxjs';

/** Merges others into the source; completes with the source and lets go of the others then. */
export function mixIn<T, U>(...others: readonly Observable<U>[]): OperatorFunction<T, T | U> {
  return connect((source: Observable<T>) => {
    const end = source.pipe(ignoreElements(), endWith(null));
    return merge(source, ...others.map((other) => other.pipe(takeUntil(end))));
  });
}
