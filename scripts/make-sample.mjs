// `node scripts/make-sample.mjs`: draws the page's sample clip and its captions anew. Needs ffmpeg with libx264.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const { writeSample } = await tsImport('../training/synthetic/sample.ts', import.meta.url);
await writeSample(join(fileURLToPath(new URL('..', import.meta.url)), 'client/web/public/sample'));
