import * as z from 'zod';

/**
 * Schemas are interpreted instead of compiled, as the page's policy forbids code from strings. To be imported before
 * the protocol, which makes its schemas when it is imported.
 */
export const zodConfig = z.config({ jitless: true });
