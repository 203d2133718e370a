import type { SweepReport } from './sweep-report.ts';

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
  ];
}
