import type { Result, Reunion, Revision, Session } from '../../../sdk/index.ts';

export interface Point {
  readonly seq: number;
  readonly ptsMs: number;
  readonly state: Result['state'];
  /** Null while there is nothing to infer from. */
  readonly score: number | null;
  readonly confidence: number | null;
  readonly label: Result['label'];
  readonly sources: Readonly<Record<string, Source>>;
}

export type Source = Result['modalities'][string]['source'];

/** A stretch of media time in which a modality's source stayed the same. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly source: Source;
}

const MAX_POINTS = 4096;
const MAX_REUNIONS = 64;

/** The results of the last `spanMs` of media time, with revisions in place of what they replace. Bound: 4,096 points. */
export class History {
  readonly #spanMs: number;
  #hopMs = 250;
  #points: Point[] = [];
  #reunions: Reunion[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  get points(): readonly Point[] {
    return this.#points;
  }

  get reunions(): readonly Reunion[] {
    return this.#reunions;
  }

  get last(): Point | undefined {
    return this.#points.at(-1);
  }

  /** Begins with what was drawn of the session before the page was loaded again, or with nothing. */
  restart(points: readonly Point[] = []): void {
    this.#points = [...points];
    this.#reunions = [];
  }

  /** A session is there. One that did not go on from the last one numbers its results anew; what is drawn stays. */
  follow({ hopMs, resumed }: Pick<Session, 'hopMs' | 'resumed'>): void {
    this.#hopMs = hopMs;
    if (!resumed) this.#points = this.#points.map((point) => Object.assign({}, point, { seq: -1 }));
  }

  add(result: Result): void {
    const point = toPoint(result);
    const before = this.#points.findIndex(({ ptsMs }) => ptsMs >= point.ptsMs);
    if (before === -1) this.#points.push(point);
    else this.#points.splice(before, this.#points[before]?.ptsMs === point.ptsMs ? 1 : 0, point);
    const oldestMs = (this.last?.ptsMs ?? 0) - this.#spanMs - 2 * this.#hopMs;
    this.#points = this.#points.filter(({ ptsMs }) => ptsMs >= oldestMs).slice(-MAX_POINTS);
    this.#reunions = this.#reunions.filter(({ ptsMs }) => ptsMs >= oldestMs).slice(-MAX_REUNIONS);
  }

  revise(revision: Revision): void {
    const index = this.#points.findIndex(({ seq }) => seq === revision.supersedes);
    if (index >= 0) this.#points[index] = toPoint(revision);
  }

  reunite(reunion: Reunion): void {
    this.#reunions.push(reunion);
  }

  /** The scored points in unbroken runs: `insufficient` and missing results end one. */
  runs(): Point[][] {
    const runs: Point[][] = [];
    let run: Point[] = [];
    let before: Point | undefined;
    for (const point of this.#points) {
      if (point.score === null || (before && point.ptsMs - before.ptsMs > 3 * this.#hopMs)) {
        if (run.length > 0) runs.push(run);
        run = [];
      }
      if (point.score !== null) run.push(point);
      before = point;
    }
    if (run.length > 0) runs.push(run);
    return runs;
  }

  /** What a modality was made from, in stretches; time without results is in none. */
  spans(modality: string): Span[] {
    const spans: Span[] = [];
    for (const { ptsMs, sources } of this.#points) {
      const source = sources[modality];
      if (!source) continue;
      const last = spans.at(-1);
      const joins = last !== undefined && ptsMs - last.endMs <= 3 * this.#hopMs;
      if (joins && last.source === source) spans[spans.length - 1] = { ...last, endMs: ptsMs };
      else spans.push({ startMs: joins ? last.endMs : ptsMs - this.#hopMs, endMs: ptsMs, source });
    }
    return spans;
  }

  /** The point nearest to a time; undefined when there is none within `withinMs`. */
  nearest(ptsMs: number, withinMs: number): Point | undefined {
    let best: Point | undefined;
    for (const point of this.#points)
      if (!best || Math.abs(point.ptsMs - ptsMs) < Math.abs(best.ptsMs - ptsMs)) best = point;
    return best && Math.abs(best.ptsMs - ptsMs) <= withinMs ? best : undefined;
  }
}

function toPoint(result: Result | Revision): Point {
  const { seq, ptsMs, state, score, confidence, label, modalities } = result;
  const sources = Object.fromEntries(Object.entries(modalities).map(([name, { source }]) => [name, source]));
  return { seq, ptsMs, state, score, confidence, label, sources };
}
