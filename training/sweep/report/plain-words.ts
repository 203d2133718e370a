import type { SetReport } from '../set-report.ts';
import type { Verdict } from '../verdicts.ts';
import { percent } from '../../percent.ts';
import { caseWords, PHASE_WORDS } from './words.ts';

/**
 * What the numbers say, in sentences: for each thing that is missing, where TRML is behind another method, where it is
 * ahead of all of them, and what share of the gap to everything observed it closes at 50 %, 90 % and 100 %.
 */
export function plainWords(set: SetReport): string[] {
  const cases = new Map<string, Verdict[]>();
  for (const verdict of set.verdicts) {
    if (verdict.rate === 0) continue;
    const key = `${PHASE_WORDS[verdict.phase]}, ${caseWords(verdict)}`;
    cases.set(key, [...(cases.get(key) ?? []), verdict]);
  }
  const lines = [...cases].map(([key, verdicts]) => `${capital(key)}: ${against(verdicts)}`);
  const full = set.verdicts.filter(({ rate, phase }) => rate === 0 && phase === set.verdicts[0]?.phase);
  const [first] = full;
  const once = full.filter(({ modality, level }) => modality === first?.modality && level === first?.level);
  return [...(once.length === 0 ? [] : [`Everything observed: ${against(once)}`]), ...lines, ...gapLines(set)];
}

function against(verdicts: readonly Verdict[]): string {
  const rates = [...new Set(verdicts.map(({ rate }) => rate))];
  const others = [...new Set(verdicts.map(({ other }) => other))];
  const behind = others.flatMap((other) => {
    const lost = verdicts.filter((verdict) => verdict.other === other && verdict.outcome === 'behind');
    if (lost.length === 0) return [];
    const worst = Math.max(...lost.map(({ difference }) => -difference));
    const where = rates.length === 1 ? '' : ` at ${lost.map(({ rate }) => percent(rate)).join(', ')}`;
    return [`behind ${other}${where} (by up to ${worst.toFixed(3)})`];
  });
  const aheadOfAll = rates.filter((rate) =>
    verdicts.filter((verdict) => verdict.rate === rate).every(({ outcome }) => outcome === 'ahead'),
  );
  const ahead =
    aheadOfAll.length === 0
      ? 'ahead of all others nowhere'
      : aheadOfAll.length === rates.length
        ? `ahead of all others${rates.length === 1 ? '' : ' at every rate'}`
        : `ahead of all others at ${aheadOfAll.map(percent).join(', ')}`;
  const lost = behind.length === 0 ? 'behind none by more than the deviation' : behind.join('; ');
  return `TRML is ${lost}; ${ahead}.`;
}

function gapLines({ gaps }: SetReport): string[] {
  return gaps
    .filter(({ rate }) => rate === 0.5 || rate === 0.9 || rate === 1)
    .map(({ phase, rate, share, zeros, observed, trml, ...each }) => {
      const where = `${capital(PHASE_WORDS[phase])}, ${caseWords(each)} at ${percent(rate)}`;
      const numbers = `zeros ${zeros.toFixed(3)}, TRML ${trml.toFixed(3)}, everything observed ${observed.toFixed(3)}`;
      if (share === null) return `${where}: zeros lose nothing worth closing (${numbers}).`;
      if (share <= 0) return `${where}: TRML closes nothing of the gap (${numbers}).`;
      return `${where}: TRML closes ${Math.round(100 * share)} % of the gap (${numbers}).`;
    });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
