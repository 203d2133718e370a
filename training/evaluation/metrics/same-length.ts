/** @throws RangeError unless there is one prediction for every truth */
export function requireSameLength(predicted: ArrayLike<unknown>, truth: ArrayLike<unknown>): void {
  if (predicted.length !== truth.length) {
    throw new RangeError(`${predicted.length} predictions do not fit ${truth.length} truths`);
  }
}
