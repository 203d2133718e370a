import { loadModel } from '../../../models/runtime/load-model.ts';

/**
 * Loads a bundle, prints the pids of its inference processes, and stays until it is killed. `process.argv[3]`: a module that
 * these processes run before their program.
 */
if (process.argv[3] !== undefined) process.env['NODE_OPTIONS'] = `--import=${process.argv[3]}`;
const model = await loadModel({ bundle: process.argv[2] ?? '', provider: 'cpu', workers: 2 });
process.stdout.write(`${JSON.stringify(model.stats().workers.map(({ pid }) => pid))}\n`);
