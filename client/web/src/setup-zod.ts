import { z } from 'zod';

/**
 * True: schemas are interpreted instead of compiled, so that the page runs where its policy forbids code from strings.
 * Imported before any schema is made.
 */
export const interpreted = z.config({ jitless: true }).jitless === true;
