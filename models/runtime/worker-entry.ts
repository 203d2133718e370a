import { endWithParent } from './end-with-parent.ts';
import { serveBatches } from './serve-batches.ts';

/** Program of an inference process, which never outlives the one that started it, however that ended. */
endWithParent();
serveBatches();
