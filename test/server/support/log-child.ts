import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../../server/log.ts';

/** A process that writes lines to its stdout, more of them after the first could be written or not, and ends. */
const log = createLogger('info');
for (let i = 0; i < 3; i++) log.info({ i }, 'before');
await sleep(50);
for (let i = 0; i < 3; i++) log.info({ i }, 'after');
