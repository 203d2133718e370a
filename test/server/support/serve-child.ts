import { serve } from '../../../server/serve.ts';

/** A process that serves the bundle in the folder given, with that of the second one in its shadow if there is one, as the command line does; says its address on stdout. */
await serve({
  port: 0,
  bundle: process.argv[2],
  shadow: process.argv[3],
  runtime: { provider: 'cpu', workers: 1 },
  onListening: ({ url }) => process.stdout.write(`${url}\n`),
});
