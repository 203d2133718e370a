import { answerQuestions, childOptions } from './answer.ts';
import { pause } from './pause.ts';
import { startStraightforward } from './straightforward.ts';
import { usageMeter } from './usage.ts';

const { bundle } = childOptions() as { bundle: string };
const starting = startStraightforward(bundle);

answerQuestions(
  {
    ready: async () => ({ url: (await starting).url }),
    quiet: async () => {
      const { connections } = await starting;
      while (connections() > 0) await pause(50);
    },
    usage: usageMeter(async () => {
      const encoded = (await starting).encoded();
      return { encoded, batches: encoded };
    }),
  },
  async () => (await starting).close(),
);
