import type { SubtitleTrack } from './probe.ts';

/**
 * The text track that has the captions: of the language, if one is asked for; rather one that is not forced, since
 * forced ones have signs and foreign words alone; then the default one; then the first.
 *
 * @param language ISO 639, two letters or three; case and region do not matter
 */
export function captionTrack(tracks: readonly SubtitleTrack[], language?: string): SubtitleTrack | undefined {
  const wanted = language === undefined ? undefined : canonical(language);
  return tracks
    .filter((track) => track.isText && (wanted === undefined || canonical(track.language ?? '') === wanted))
    .sort((a, b) => rank(a) - rank(b))[0];
}

function rank({ isForced, isDefault }: SubtitleTrack): number {
  return (isForced ? 2 : 0) + (isDefault ? 0 : 1);
}

/** One code per language: Unicode's aliases, which JavaScript knows, make `de` of `ger` and `deu`. */
function canonical(tag: string): string {
  const [code = ''] = tag.trim().toLowerCase().split(/[-_]/, 1);
  try {
    return Intl.getCanonicalLocales(code)[0]?.split('-', 1)[0] ?? code;
  } catch {
    return code;
  }
}
