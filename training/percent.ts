/** `50 %`, `99.5 %` */
export function percent(rate: number): string {
  return `${Number((100 * rate).toFixed(1))} %`;
}
