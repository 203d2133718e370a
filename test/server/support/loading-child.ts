import { serve } from '../../../server/serve.ts';

/** A process that would serve the bundle in the folder given, were its inference process ever ready; says when it has one. */
await serve({
  port: 0,
  bundle: process.argv[2],
  logLevel: 'silent',
  runtime: {
    provider: 'cpu',
    workers: 1,
    program: ['-e', 'setInterval(() => {}, 1000)'],
    loadDeadlineMs: 600_000,
    choose: async () => {
      setTimeout(() => process.stdout.write('loading\n'), 100);
      return 'cpu';
    },
  },
});
