import { ffmpegReport } from '../../pipeline/replay/ffmpeg-report.ts';
import { found, lacking } from './check.ts';
import type { Check } from './check.ts';

const HDR_ADVICE =
  'install an ffmpeg that has zimg (--enable-libzimg); without it HDR recordings are replayed flat and grey';

/** ffmpeg and ffprobe decode recordings; the codecs that are there are listed, and what HDR needs. */
export async function checkFfmpeg(): Promise<Check[]> {
  const report = await ffmpegReport();
  const advice = report.advice.join('; ');
  const versions = `ffmpeg ${report.ffmpeg ?? 'missing'}, ffprobe ${report.ffprobe ?? 'missing'}`;
  const tools = report.ok ? found('ffmpeg', true, versions) : lacking('ffmpeg', true, versions, advice);
  if (report.ffmpeg === null) return [tools];
  const parts = { ...report.decoders, ...report.demuxers };
  const absent = Object.keys(parts).filter((name) => parts[name] !== true);
  const present = Object.keys(parts).filter((name) => parts[name] === true);
  const codecs =
    absent.length === 0
      ? found('codecs', false, present.join(', '))
      : lacking('codecs', false, `without ${absent.join(', ')}`, advice);
  const hdr = Object.keys(report.hdrFilters);
  const lacked = hdr.filter((name) => report.hdrFilters[name] !== true);
  const mapping =
    lacked.length === 0
      ? found('HDR', false, hdr.join(', '))
      : lacking('HDR', false, `without ${lacked.join(', ')}`, HDR_ADVICE);
  return [tools, codecs, mapping];
}
