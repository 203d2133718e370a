/** A score with its sign, `+1.25`; what rounds to zero has a plus. */
export function signed(value: number, digits = 2): string {
  return `${Number(value.toFixed(digits)) < 0 ? '-' : '+'}${Math.abs(value).toFixed(digits)}`;
}

/** What there is of nothing else alone is 100 %, and what there is at all is not 0 %. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return '<1 %';
  if (share < 1 && share >= 0.995) return '>99 %';
  return `${Math.round(100 * share)} %`;
}

/** `no_face 12 %, injected 3 %`; what there was none of is left out. */
export function shares(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .filter(([, share]) => share > 0)
    .map(([name, share]) => `${name} ${percent(share)}`)
    .join(', ');
}

/** Media time for people: `0:07`, `12:30`, `1:02:03`; with hundredths of a second, `0:07.25`. */
export function clockTime(ms: number, hundredths = false): string {
  const unitMs = hundredths ? 10 : 1000;
  const units = Math.round(ms / unitMs);
  const seconds = Math.floor((units * unitMs) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const clock = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  return `${clock}:${two(seconds % 60)}${hundredths ? `.${two(units % 100)}` : ''}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
