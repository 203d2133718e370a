/** Clips with the embeddings of everything that is known of them, and their labels. Row i of every array is clip i. */
export interface ClipTable {
  readonly n: number;
  readonly slots: number;
  readonly dimension: number;
  /** [n, slots, d], zeros where the data has none. */
  readonly video: Float32Array;
  /** [n, slots], 1 where the data has a frame. */
  readonly videoMask: Float32Array;
  /** [n, d]. */
  readonly text: Float32Array;
  /** [n], 1 where the data has a text. */
  readonly textMask: Float32Array;
  /** [n], NaN where there is no score. */
  readonly score: Float32Array;
  /** [n], index into SENTIMENTS, -1 where there is none. */
  readonly sentiment: Int8Array;
  /** [n], index into the emotions, -1 where there is none. */
  readonly emotion: Int8Array;
  /** [n], the texts themselves, empty where there is none; only where they are known. */
  readonly texts?: readonly string[] | undefined;
  /** [n], what each belongs to, e.g. its video or dialogue: never cut when a part is held out; only where that is known. */
  readonly groups?: readonly string[] | undefined;
}

/** The embeddings of clips, without their labels. */
export type EmbeddedRows = Pick<ClipTable, 'n' | 'slots' | 'dimension' | 'video' | 'videoMask' | 'text' | 'textMask'>;

/** A table of `n` clips of which nothing is known yet. */
export function emptyTable(n: number, slots: number, dimension: number): ClipTable {
  return {
    n,
    slots,
    dimension,
    video: new Float32Array(n * slots * dimension),
    videoMask: new Float32Array(n * slots),
    text: new Float32Array(n * dimension),
    textMask: new Float32Array(n),
    score: new Float32Array(n).fill(Number.NaN),
    sentiment: new Int8Array(n).fill(-1),
    emotion: new Int8Array(n).fill(-1),
  };
}

/** Whether a mask [n, slots] has any frame of a row. */
export function hasAny(mask: Float32Array, row: number, slots: number): boolean {
  return mask.subarray(row * slots, (row + 1) * slots).includes(1);
}

/** Whether anything of a clip is there. */
export function isObserved({ slots, videoMask, textMask }: ClipTable, row: number): boolean {
  return textMask[row] === 1 || hasAny(videoMask, row, slots);
}

/** Copies the embeddings of a row between two tables of one shape. */
export function copyRow(to: EmbeddedRows, target: number, from: EmbeddedRows, source: number): void {
  const { slots, dimension } = from;
  const copy = (into: Float32Array, out: Float32Array, width: number): void =>
    into.set(out.subarray(source * width, (source + 1) * width), target * width);
  copy(to.video, from.video, slots * dimension);
  copy(to.videoMask, from.videoMask, slots);
  copy(to.text, from.text, dimension);
  copy(to.textMask, from.textMask, 1);
}

/** The rows of a table in another order, or some of them. */
export function takeRows(table: ClipTable, rows: readonly number[]): ClipTable {
  const { slots, dimension, texts, groups } = table;
  const out = emptyTable(rows.length, slots, dimension);
  for (const [to, from] of rows.entries()) {
    copyRow(out, to, table, from);
    out.score[to] = table.score[from] ?? Number.NaN;
    out.sentiment[to] = table.sentiment[from] ?? -1;
    out.emotion[to] = table.emotion[from] ?? -1;
  }
  const some = (of: readonly string[]): string[] => rows.map((row) => of[row] ?? '');
  return { ...out, ...(texts && { texts: some(texts) }), ...(groups && { groups: some(groups) }) };
}
