import { HDR_FILTERS, lackedFilters } from './ffmpeg-report.ts';
import type { Hdr } from './probe.ts';

/** Level in nits that becomes the middle of the range's white: with it, what was graded for SDR keeps its brightness. */
const WHITE_NITS = 100;

/** Matrices that `zscale` leads into RGB. */
const MATRICES: ReadonlySet<string> = new Set(['bt2020nc', 'bt2020c', 'bt709']);

export interface ToneMapping {
  /** ffmpeg's filters, each with the comma before it; empty where the picture is not mapped. */
  readonly filters: string;
  /** Why it is not, though it is HDR. */
  readonly lacks: string | null;
}

/**
 * Filters that bring HDR (PQ or HLG, BT.2020) into BT.709, for pictures of the size that they will have: shown as they are,
 * they are flat and grey.
 */
export async function toneMapping(hdr: Hdr | null, signal: AbortSignal | undefined): Promise<ToneMapping> {
  if (hdr === null) return { filters: '', lacks: null };
  const { transfer, primaries = 'bt2020', matrix = 'bt2020nc' } = hdr;
  if (!MATRICES.has(matrix)) return { filters: '', lacks: `a way from the matrix ${matrix}` };
  const lacked = await lackedFilters(HDR_FILTERS, signal);
  if (lacked.length > 0) return { filters: '', lacks: lacked.join(' and ') };
  const filters = [
    // 4:4:4, as subsampled pictures have even sides alone.
    'format=yuv444p10le',
    `setparams=color_trc=${transfer}:color_primaries=${primaries}:colorspace=${matrix}`,
    `zscale=t=linear:npl=${WHITE_NITS}`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=mobius:desat=0',
    'zscale=t=bt709:m=bt709:r=tv',
    'format=yuv444p',
  ];
  return { filters: filters.map((filter) => `,${filter}`).join(''), lacks: null };
}
