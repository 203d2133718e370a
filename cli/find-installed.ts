import type { InstalledFoundation } from '../models/foundation/installed.ts';
import { hasCode } from '../models/errors.ts';

/**
 * The installed foundation model of that name, in the configured form.
 *
 * @throws UndertoneError `foundation_not_installed`; `foundation_unknown` for a name that cannot be pulled either
 */
export async function findInstalled(name: string): Promise<InstalledFoundation> {
  const { readFoundationConfig } = await import('../models/foundation/config.ts');
  const { findFoundation } = await import('../models/foundation/installed.ts');
  const { catalogueEntry, readCatalogue } = await import('../models/foundation/catalogue.ts');
  const { dir, variant, catalogue } = readFoundationConfig();
  try {
    return findFoundation(dir, { name, variant });
  } catch (error) {
    // The advice to pull it is none for a name that the catalogue does not have.
    if (hasCode(error, 'foundation_not_installed')) catalogueEntry(name, readCatalogue(catalogue));
    throw error;
  }
}
