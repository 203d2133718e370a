import type { SetReport } from '../set-report.ts';
import { accuracyOf } from '../tested-clips.ts';
import type { SweepReport } from './sweep-report.ts';
import { digits } from './words.ts';

/** How the numbers are to be read: the same sentences in Markdown and HTML. */
export function reading({ sets, preset }: SweepReport): string[] {
  const seeds = sets[0]?.seeds ?? [];
  const spread =
    seeds.length > 1
      ? `Values are means over the seeds ${seeds.join(', ')} with their sample deviation.`
      : `One seed (${seeds.join('')}): values have no deviation, and no difference here says much.`;
  return [
    `${spread} "Behind" and "ahead" mean by more than the larger deviation of the two. The area is that under the curve, divided by its range of rates; the drop is what the highest rate costs against everything observed. A virtual embedding is a function of what was observed and adds no information.`,
    preset === 'ablations'
      ? 'Each method changes one thing of the first; all have its learning rate. The trivial one looks at nothing.'
      : 'Learning rates, and the shape of the transformer, were chosen on a fifth of the training clips.',
    ...sets.map(chance),
  ];
}

/** How much of a set's accuracy is the luck of its test clips, which are the same with every seed. */
function chance({ name, tested: { clips, counted }, measures, curves }: SetReport): string {
  const accuracy = accuracyOf(measures)?.name;
  const some = accuracy === undefined || counted === clips ? '' : `, of which ${counted} count for ${accuracy}`;
  const tested = `Every seed tests the same ${clips} clips of ${name}${some}`;
  const full = curves.flatMap(({ measure, full: { mean } }) => (measure === accuracy && mean !== null ? [mean] : []));
  const best = Math.max(0, ...full);
  const error = Math.sqrt((best * (1 - best)) / Math.max(1, counted));
  if (error === 0) return `${tested}.`;
  return `${tested}: over so many independent clips an accuracy of ${digits(best)}, the best with everything observed, has a standard error of ${digits(error)}, which no deviation over seeds holds and "ahead" and "behind" do not ask for.`;
}
