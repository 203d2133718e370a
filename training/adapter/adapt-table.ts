import { ADAPTER_PORTS, lexicalAdapterGraph } from '../../models/encoders/lexical-adapter.ts';
import { UndertoneError } from '../../models/errors.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import type { ModelInfo } from '../../models/model.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { openSession } from '../../models/runtime/session.ts';
import { adaptTexts } from '../../models/runtime/text-adapter.ts';
import type { ClipTable } from '../sweep/clip-table.ts';
import { fitLexicalAdapter, type FittedAdapter } from './fit-adapter.ts';

/** The texts of a table. @throws UndertoneError `adapter_texts` where they are not known; `what` names the table */
export function requireTexts({ texts }: ClipTable, what: string): readonly string[] {
  if (texts !== undefined) return texts;
  throw new UndertoneError(
    'adapter_texts',
    `${what} holds no texts, which an adapter of the text encoder reads; prepare it again, which keeps what is encoded`,
  );
}

/**
 * Fits a lexical adapter to the texts of a table that `textMask` [n] leaves.
 *
 * @param table with the encoder's own embeddings
 * @returns undefined where none of these texts has a label
 * @throws UndertoneError `adapter_texts`
 */
export async function fitToTable(
  model: LocalModel,
  table: ClipTable,
  textMask: Float32Array,
  seed: number,
): Promise<FittedAdapter | undefined> {
  const texts = requireTexts(table, 'the training split');
  const tokenised = await model.tokenise(textOf(model.info).name, texts);
  return fitLexicalAdapter({ table, textMask, texts, tokenised, emotions: model.info.emotions.length, seed });
}

/** The table with the embeddings of its texts moved by a fitted adapter. @throws UndertoneError `adapter_texts` */
export async function adaptTable(
  model: LocalModel,
  { config, params }: FittedAdapter,
  table: ClipTable,
): Promise<ClipTable> {
  const session = await openSession(emitOnnx(lexicalAdapterGraph(config), { params }), { threads: 1 });
  try {
    return await moved(table, async (texts, embeddings) =>
      adaptTexts(session, ADAPTER_PORTS, await model.tokenise(textOf(model.info).name, texts), embeddings),
    );
  } finally {
    await session.close();
  }
}

/** The table with text embeddings as the model gives them: moved where it has an adapter. @throws UndertoneError `adapter_texts` */
export async function asServed(model: LocalModel, table: ClipTable): Promise<ClipTable> {
  const { name, adapted } = textOf(model.info);
  if (adapted !== true) return table;
  return await moved(table, (texts, embeddings) => model.adaptTexts(name, texts, embeddings));
}

async function moved(
  table: ClipTable,
  move: (texts: readonly string[], embeddings: Float32Array) => Promise<Float32Array>,
): Promise<ClipTable> {
  const { textMask, dimension } = table;
  const texts = requireTexts(table, 'the prepared file');
  const rows = [...textMask.keys()].filter((row) => textMask[row] === 1);
  // The texts' rows alone: frames are many times as large.
  const embeddings = new Float32Array(rows.length * dimension);
  for (const [to, row] of rows.entries())
    embeddings.set(table.text.subarray(row * dimension, (row + 1) * dimension), to * dimension);
  const own = await move(
    rows.map((row) => texts[row] ?? ''),
    embeddings,
  );
  const text = table.text.slice();
  for (const [from, row] of rows.entries())
    text.set(own.subarray(from * dimension, (from + 1) * dimension), row * dimension);
  return { ...table, text };
}

function textOf({ modalities }: ModelInfo): { readonly name: string; readonly adapted?: true } {
  return modalities.find(({ kind }) => kind === 'text') ?? { name: 'text' };
}
