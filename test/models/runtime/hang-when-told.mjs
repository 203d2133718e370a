import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** On SIGUSR2 the event loop stands for ever, as in a native call that hangs; a file `MARKS/PID` says so. */
if (isMainThread)
  process.on('SIGUSR2', () => {
    writeFileSync(`${process.env['MARKS']}/${process.pid}`, '');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
