import { serveBatches } from './serve-batches.ts';

/** Program of an inference process. */
serveBatches();
