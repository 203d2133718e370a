/** Colours of the canvases and the size of what is in them, read from the style sheet. */
export interface Theme {
  readonly muted: string;
  readonly line: string;
  readonly card: string;
  readonly negative: string;
  readonly neutral: string;
  readonly positive: string;
  readonly seen: string;
  readonly seenSoft: string;
  readonly reunion: string;
  /** At the usual text size. */
  readonly font: string;
  /** Text size that the browser is set to, by the usual one. */
  readonly scale: number;
}

const USUAL_PX = 16;

export const calm = matchMedia('(prefers-reduced-motion: reduce)');
const dark = matchMedia('(prefers-color-scheme: dark)');

let current: Theme | undefined;
dark.addEventListener('change', () => {
  current = undefined;
});

/** The colours in force; read again when the system turns dark or light. */
export function theme(): Theme {
  current ??= readTheme();
  return current;
}

function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    muted: value('--muted'),
    line: value('--line'),
    card: value('--card'),
    negative: value('--negative'),
    neutral: value('--neutral'),
    positive: value('--positive'),
    seen: value('--seen'),
    seenSoft: value('--seen-soft'),
    reunion: value('--reunion'),
    font: `12px ${value('--sans')}`,
    scale: Number.parseFloat(style.fontSize) / USUAL_PX,
  };
}
