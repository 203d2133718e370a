import { checkBundle } from './check-bundle.ts';
import { checkChromium } from './check-chromium.ts';
import { checkFfmpeg } from './check-ffmpeg.ts';
import { checkNode } from './check-node.ts';
import { checkPage } from './check-page.ts';
import { checkProviders } from './check-providers.ts';
import type { DoctorReport } from './report.ts';

export { formatDoctor } from './format-doctor.ts';
export type { Check } from './check.ts';
export type { DoctorReport } from './report.ts';

/** Looks at what this machine has. What is missing is part of the report, never an error. */
export async function doctor(): Promise<DoctorReport> {
  const [ffmpeg, bundle] = await Promise.all([checkFfmpeg(), checkBundle()]);
  // On its own, so that nothing disturbs the time that it measures.
  const providers = await checkProviders();
  const checks = [checkNode(), ...ffmpeg, ...providers, bundle, checkPage(), checkChromium()];
  return { ok: checks.every(({ status, needed }) => status === 'ok' || !needed), checks };
}
