import { serve } from '../../../server/serve.ts';

/** A process that serves the bundle in the folder given, as the command line does; says its address on stdout. */
await serve({
  port: 0,
  bundle: process.argv[2],
  runtime: { provider: 'cpu', workers: 1 },
  onListening: ({ url }) => process.stdout.write(`${url}\n`),
});
