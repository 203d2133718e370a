import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { UndertoneError } from '../../models/errors.ts';
import { subfolders } from './files.ts';
import type { DatasetSpec, Layout } from './layout.ts';

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

export interface Found {
  readonly folder: string;
  readonly layout: Layout;
}

/**
 * Finds a data set: in `directory` itself, unless that carries another data set's name, or in a folder of it that
 * carries this one's name.
 *
 * @param others the other data sets
 * @throws UndertoneError `data_not_found`
 */
export async function findFolder(spec: DatasetSpec, directory: string, others: readonly DatasetSpec[]): Promise<Found> {
  const there = await stat(directory).catch(() => undefined);
  if (there?.isDirectory() !== true) {
    const what = there === undefined ? 'does not exist' : 'is a file';
    throw new UndertoneError('data_not_found', `${directory} ${what}; give the folder that holds ${spec.title}`);
  }
  const own = new Set(spec.folders.map(plain));
  const name = plain(basename(resolve(directory)));
  const another = own.has(name) ? undefined : others.find((other) => other.folders.map(plain).includes(name));
  const candidates = another === undefined ? [directory] : [];
  for (const child of await subfolders(directory)) {
    if (own.has(plain(child))) candidates.push(join(directory, child));
  }
  for (const candidate of candidates) {
    for (const folder of [candidate, ...(spec.inside ?? []).map((inside) => join(candidate, inside))]) {
      for (const layout of spec.layouts) if (await layout.fits(folder)) return { folder, layout };
    }
  }
  const expected = spec.layouts.map((layout) => layout.holds).join(', or ');
  const where = another === undefined ? directory : `${directory} (a folder of ${another.title})`;
  throw new UndertoneError(
    'data_not_found',
    `no ${spec.title} in ${where}: expected ${expected}, here or in a folder ${spec.folders[0]}; get it from ${spec.home}`,
  );
}
