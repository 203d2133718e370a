import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UndertoneError } from '../../models/errors.ts';
import { unitRows } from '../../models/runtime/unit-rows.ts';
import { readNpy, type Matrix } from '../datasets/read-npy.ts';
import { RowError, type Sink } from '../datasets/sink.ts';
import { readTable, type Row } from '../datasets/table.ts';
import type { EmbeddingPairs } from './pairs.ts';

const Names = z.array(z.string().min(1)).min(2);

export interface LoadedPairs extends EmbeddingPairs {
  /** Embeddings of class names, where the folder has them: for readings without training. */
  readonly classes?: { readonly names: readonly string[]; readonly embeddings: readonly Float32Array[] };
  /** The captions' words, as the table has them; empty where it has none. */
  readonly words: readonly (readonly string[])[];
}

/**
 * Reads a folder of embeddings that a foundation model gave: `*_image.f32.npy`, `*_text.f32.npy`, a `*_captions.csv` with
 * the columns `text_row` and `image_row` (and `caption`) beside the texts' file of the same first name, and perhaps
 * `NAME_names.json` with `NAME_text.f32.npy` for class names.
 *
 * @throws UndertoneError `data_not_found`, `data_columns`, `data_unreadable`, `embeddings_invalid`
 */
export async function loadPairs(folder: string): Promise<LoadedPairs> {
  const files = await readdir(folder).catch((error: unknown) => {
    throw new UndertoneError('data_not_found', `there is no folder ${folder}`, { cause: error });
  });
  const table = onlyOne(folder, files, '_captions.csv');
  const images = await readNpy(join(folder, onlyOne(folder, files, '_image.f32.npy')), 'embeddings_invalid');
  const texts = await readNpy(join(folder, table.replace('_captions.csv', '_text.f32.npy')), 'embeddings_invalid');
  if (images.columns !== texts.columns)
    throw invalid(folder, `images have ${images.columns} values and texts ${texts.columns}`);
  const captions: Float32Array[][] = Array.from({ length: images.rows }, () => []);
  const words: string[][] = captions.map(() => []);
  const textRows = unitVectors(texts);
  const sink: Sink = { samples: [], bad: [] };
  await readTable(join(folder, table), { columns: ['text_row', 'image_row'] }, sink, (row) => {
    const image = indexIn(row, 'image_row');
    const text = textRows[indexIn(row, 'text_row')];
    const own = captions[image];
    if (text === undefined || own === undefined) throw new RowError('data_columns', 'it names no rows');
    own.push(text);
    words[image]?.push(row['caption'] ?? '');
  });
  const [bad] = sink.bad;
  if (bad !== undefined) throw invalid(folder, `row ${bad.row} of ${table}: ${bad.message}`);
  const without = captions.findIndex((own) => own.length === 0);
  if (without >= 0) throw invalid(folder, `image ${without} has no caption`);
  const classes = await loadClasses(folder, files);
  const pairs = { dimension: images.columns, images: unitVectors(images), captions, words };
  return classes === undefined ? pairs : { ...pairs, classes };
}

async function loadClasses(folder: string, files: readonly string[]): Promise<LoadedPairs['classes']> {
  const file = files.find((name) => name.endsWith('_names.json'));
  if (file === undefined) return undefined;
  const text = await readFile(join(folder, file), 'utf8');
  const names = Names.safeParse(safeJson(text));
  const embeddings = unitVectors(
    await readNpy(join(folder, file.replace('_names.json', '_text.f32.npy')), 'embeddings_invalid'),
  );
  if (!names.success || names.data.length !== embeddings.length)
    throw invalid(folder, `${file} does not name ${embeddings.length} classes`);
  return { names: names.data, embeddings };
}

/** Rows of a matrix, each of length 1. */
function unitVectors({ rows, columns, data }: Matrix): Float32Array[] {
  const all = unitRows(data, columns).rows;
  return Array.from({ length: rows }, (_, i) => all.subarray(i * columns, (i + 1) * columns));
}

/** The number of a row of one of the matrices; -1 for anything else. */
function indexIn(row: Row, column: string): number {
  const text = row[column] ?? '';
  return /^\s*\d+\s*$/.test(text) ? Number(text) : -1;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function onlyOne(folder: string, files: readonly string[], ending: string): string {
  const [first, second] = files.filter((name) => name.endsWith(ending));
  if (first !== undefined && second === undefined) return first;
  throw new UndertoneError(
    'data_not_found',
    `${folder} needs one file *${ending}, and has ${first === undefined ? 'none' : 'several'}`,
  );
}

function invalid(folder: string, why: string): UndertoneError {
  return new UndertoneError('embeddings_invalid', `${folder}: ${why}`);
}
