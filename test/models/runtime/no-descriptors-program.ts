import { openSync } from 'node:fs';
import { childArguments } from '../../../models/runtime/child-program.ts';
import { probeProviders } from '../../../models/runtime/probe-providers.ts';
import { WorkerProcess } from '../../../models/runtime/worker-process.ts';

/** Uses all file descriptors up, then starts an inference process and a probe; prints what becomes of them. */
childArguments('worker-entry', import.meta.url);
await import('../../../models/runtime/probe-model.ts');
for (;;) {
  try {
    openSync('/dev/null', 'r');
  } catch {
    break;
  }
}
let started = 'started';
try {
  const worker = new WorkerProcess();
  await worker.exited;
} catch (error) {
  started = (error as { code?: string }).code ?? 'no code';
}
const [report] = await probeProviders(['cpu'], 5000);
process.stdout.write(JSON.stringify({ started, available: report?.available, reason: report?.reason }));
