import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../models/encoders/tokenizer.ts';
import type { ParamStore } from '../../../models/graph/param.ts';
import { random } from '../../../models/random.ts';
import type { Utterance } from '../../../training/pools/text-pool.ts';
import type { Recipe } from '../../../training/recipes/recipe.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import { trainTextBranch, type TextStageOptions } from '../../../training/stages/text-stage.ts';
import { readLessons, taughtUtterances, type Lessons } from '../../../training/teacher/lessons.ts';
import { openSentenceEncoder } from '../../../training/teacher/sentence-encoder.ts';
import { trainTokenizer } from '../../../training/tokenizer/train-tokenizer.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-text-stage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { loop } = smoke.textStage;
const teacher = {
  corpus: { words: [3, 40] as const, weight: 0.1 },
  round: { batch: 32, dropout: 0, loop },
  weight: 1,
  scores: { penalty: 1, folds: 2 },
};
const taughtRecipe: Recipe = { ...smoke, textStage: { ...smoke.textStage, teacher } };

const draw = random('text stage');
const utterances = Array.from({ length: 240 }, (): Utterance => {
  const subject = draw.pick(['The film', 'My dinner', 'This phone', 'The weather', 'Your idea']);
  const [word, score] = draw.pick([
    ['wonderful', 2],
    ['lovely', 2],
    ['awful', -2],
    ['boring', -1],
  ] as const);
  const text = `${subject} ${draw.pick(['was', 'is', 'seemed'])} ${word}.`;
  const sentiment = score > 0 ? 'positive' : 'negative';
  return { text, weight: 1, emotions: undefined, emotion: undefined, sentiment, score };
});
const tokenizer = loadTokenizer(
  trainTokenizer(
    utterances.map(({ text }) => text),
    { vocabSize: smoke.vocabulary },
  ),
);

async function trained(options: Partial<TextStageOptions>): Promise<{ params: ParamStore; losses: number[] }> {
  const losses: number[] = [];
  const params = await trainTextBranch({
    recipe: taughtRecipe,
    branch: 0,
    utterances,
    tokenizer,
    threads: 1,
    onProgress: ({ loss }) => losses.push(loss),
    ...options,
  });
  return { params, losses };
}

it('a branch reads the texts that are for it alone', async () => {
  const others = utterances.map((utterance) => ({ ...utterance, sentiment: 'neutral' as const, branches: [1] }));
  const all = { recipe: smoke, utterances: [...utterances, ...others] };
  const few = { recipe: smoke, utterances };
  expect((await trained({ ...all, branch: 0 })).params).toEqual((await trained({ ...few, branch: 0 })).params);
  expect((await trained({ ...all, branch: 1 })).params).not.toEqual((await trained({ ...few, branch: 1 })).params);
}, 60_000);

describe('a branch with a teacher', () => {
  const checkpoint = { path: join(folder, 'branch.safetensors'), fingerprint: 'taught' };
  let lessons: Lessons;
  let first: Awaited<ReturnType<typeof trained>>;
  beforeAll(async () => {
    const encoder = await openSentenceEncoder();
    lessons = await readLessons({
      teacher: encoder,
      config: teacher,
      seed: 1,
      utterances,
      corpus: [],
      tokenizer,
      widths: smoke.text.branches.map(({ width }) => width),
      folder: join(folder, 'kept'),
    });
    first = await trained({ utterances: taughtUtterances(utterances, lessons), lessons, checkpoint });
  }, 60_000);

  it('learns what the teacher says first, then the labels', () => {
    const { steps } = loop.schedule;
    const { losses } = first;
    expect(losses).toHaveLength(2 * steps);
    expect(losses[steps - 1]).toBeLessThan((losses[0] ?? 0) - 0.05);
    expect(losses[2 * steps - 1]).toBeLessThan(losses[steps] ?? 0);
  });

  it('goes on from the checkpoint of either round to the same parameters', async () => {
    expect(existsSync(join(folder, 'branch-taught.safetensors'))).toBe(true);
    const whole = await trained({ lessons, checkpoint });
    expect(whole.losses).toEqual([]);
    expect(whole.params).toEqual(first.params);
    rmSync(checkpoint.path);
    const half = await trained({ utterances: taughtUtterances(utterances, lessons), lessons, checkpoint });
    expect(half.losses).toHaveLength(loop.schedule.steps);
    expect(half.params).toEqual(first.params);
  });

  it('has a read-out of the teacher beside those of the labels', async () => {
    const alone = await trained({ recipe: smoke });
    expect([...first.params.keys()].filter((name) => !alone.params.has(name)).sort()).toEqual([
      'teacher_read_out.0.b',
      'teacher_read_out.0.w',
    ]);
  });
});

it('learns from the labels alone without a teacher', async () => {
  const { losses } = await trained({ recipe: smoke });
  expect(losses).toHaveLength(loop.schedule.steps);
  expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
});
