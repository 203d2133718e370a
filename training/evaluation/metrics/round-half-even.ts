/** The nearest whole number, halves to the even one, as `numpy.round` (IEEE 754 roundTiesToEven) does. */
export function roundHalfEven(value: number): number {
  return Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}
