import type { Manifest } from '../../models/bundle/manifest.ts';
import { isAdapted } from '../adapter/is-adapted.ts';
import { datasetOf } from '../prepared/heads-saw.ts';
import { RECIPES } from '../recipes/index.ts';
import type { PairsConfig, Recipe } from '../recipes/recipe.ts';
import { SENTENCE_ENCODER } from '../teacher/sentence-encoder.ts';
import type { KeptSources } from './kept-params.ts';

/** The card of a bundle, from its manifest alone: what it is, how it was made, what was measured. */
export function modelCard(manifest: Omit<Manifest, 'files'>): string {
  const { name, version, licence, training } = manifest;
  const parameters = (training['parameters'] ?? {}) as Record<string, number>;
  return `# ${name} ${version}

Reads sentiment (a score in [-3, 3], three classes, ${manifest.emotions.length} emotions) from faces and captions, and
synthesises the embedding of whichever is missing. Licence of the weights: ${licence}.

## What it is

Embeddings of ${manifest.dimension} values, windows of ${manifest.window_ms} ms in ${manifest.modalities.find(({ kind }) => kind === 'image')?.slots ?? 0} slots, a prediction every ${manifest.hop_ms} ms.

| part | parameters |
|---|---|
${Object.entries(parameters)
  .map(([part, count]) => `| ${part} | ${count.toLocaleString('en')} |`)
  .join('\n')}

${encodersOf(manifest)}${isAdapted(manifest) ? ADAPTED : ''} Temporal encoder, inference heads (Text-2-Visual, Visual-2-Text) and task head follow
TRML (arXiv 2401.13697).

## How it was made

${howMade(manifest)} The whole configuration is in \`manifest.json\` under \`training\`.${untrained(manifest) ? '' : trainedOn(manifest)}

## Limits

- An expression is not a feeling, and a face shows other people's labels of expressions. Do not use this to judge people.
- ${untrained(manifest) ? '' : BIAS}${findsFaces(manifest) ? 'Of several faces one is read, and those below a sixth of the frame are missed.' : 'Small faces in a wide frame are read poorly.'}
- English only.
- A virtual embedding is a function of what was observed: it carries nothing that the observed modality did not say.
`;
}

const BIAS = `Faces come from a grey, low-resolution data set and from press photographs, with the bias of both in age, skin colour
  and pose. `;

/** Whether it was made from a foundation model alone. */
function untrained({ training }: Omit<Manifest, 'files'>): boolean {
  return training['method'] === 'bootstrap';
}

/** What it learnt from, and what was measured then. */
function trainedOn(manifest: Omit<Manifest, 'files'>): string {
  const { data, metrics, calibration } = manifest;
  return ` ${isTuned(manifest) ? TUNED : `${COMPOSED}${withPairs(manifest)}`}

| data | split | samples | licence |
|---|---|---|---|
${data.map((each) => `| ${each.name} | ${each.split} | ${each.n.toLocaleString('en')} | ${each.licence} |`).join('\n')}

## What was measured

${unseen(manifest)} ${isTuned(manifest) ? `${FITTED_HALF}${heldOut(manifest)}` : FITTED_APART} What a set lacks (text or video) is missing and synthesised.

${metrics.length === 0 ? UNMEASURED : metrics.map(metricTable).join('\n\n')}

Temperature of the sentiment's softmax per presence pattern: ${
    Object.entries(calibration)
      .map(([pattern, temperature]) => `\`${pattern}\` ${temperature}`)
      .join(', ') || 'none'
  }.`;
}

const COMPOSED = `Clips are composed: the faces of one emotion with an utterance of that emotion, or of
that polarity where the utterance has a score. They are no recordings of people who say these words.`;
const TUNED = `Clips are
those of the data below; what they lack was missing in training, and labels that none of them has were not trained.`;
const FITTED_APART = `The calibration below is fitted on clips of the same validation faces and
utterances in other combinations than those measured.`;
const FITTED_HALF = `The calibration below is fitted on one half of these clips, told by a hash of their groups
or ids, and its errors (\`sentiment_ece\`) are measured on the other half; nothing else that is measured depends on it, so that is of
all of them. A pattern of less than 20 clips to be fitted on keeps a temperature of 1.`;

const UNMEASURED = 'Nothing has been: no validation clip has a label.';

/** What the clips that were measured are to the training, and to what it started from. */
function unseen({ training, data }: Omit<Manifest, 'files'>): string {
  const own = new Set(data.map(({ name }) => datasetOf(name)));
  const starts = typeof training['starts_from'] === 'string';
  const known = [
    [starts ? 'The heads that it started from were' : 'The adapter that it kept was', training['start_saw']],
    ['The encoders were', training['encoders_saw']],
  ].flatMap(([what, names]) => {
    const shared = Array.isArray(names) ? names.filter((name) => own.has(name)) : [];
    return shared.length === 0 ? [] : [`${String(what)} trained on ${shared.join(', ')}, too, with labels.`];
  });
  if (known.length === 0) return 'On validation splits whose labels no training saw.';
  return `On validation splits that this training did not see. ${known.join(' ')} Unless the splits were
these, some of the clips measured here are known to what it was made of, which can flatter the figures.`;
}

/** Which sets had no validation split, and what stands for it. */
function heldOut({ training }: Omit<Manifest, 'files'>): string {
  const sets = training['held_out'];
  if (!Array.isArray(sets) || sets.length === 0) return '';
  return ` Of ${sets.join(', ')}, without a validation split here, a tenth of the training clips was held out of training, told by
a hash of the clip's group or id.`;
}

/** Whether the heads alone were trained, on prepared clips. */
function isTuned({ training }: Omit<Manifest, 'files'>): boolean {
  return training['method'] === 'prepared';
}

const FINDER = `A small one-stage detector finds the face in larger pictures and cuts the square
around it; a picture in which it sees none is missing.`;
const MIDDLE = 'Of larger pictures it sees the square in the middle.';

function encodersOf(manifest: Omit<Manifest, 'files'>): string {
  const { foundation } = manifest;
  if (foundation !== undefined)
    return `The encoders are those of the foundation model ${foundation.name} at revision ${foundation.revision}, which is not part of
this bundle and has a licence of its own.`;
  const size = imageSize(manifest);
  return `The image encoder is a small residual convolutional network on ${size} x ${size} pixels, made for faces that fill
them. ${findsFaces(manifest) ? FINDER : MIDDLE} The text encoder is several small
transformers side by side, each trained on its own, over a subword tokenizer of theirs.${taught(manifest) ? TAUGHT : ''}`;
}

const ADAPTED = ` A lexical
adapter moves text embeddings by what linear readers of the words, fitted to the training texts and labels below, say.`;

const TAUGHT = ` Each first learnt to say
what a larger sentence encoder, ${SENTENCE_ENCODER} in the table below, says of the training texts; that one is no part of
this bundle.`;

function taught({ training }: Omit<Manifest, 'files'>): boolean {
  const recipe = training['recipe'] as Pick<Recipe, 'textStage'> | undefined;
  return recipe?.textStage?.teacher !== undefined;
}

function withPairs({ training }: Omit<Manifest, 'files'>): string {
  const { pairs } = (training['recipe'] ?? {}) as Partial<Pick<Recipe, 'pairs'>>;
  if (pairs === undefined) return '';
  return ` A share of ${pairs.share} of what
the heads train on are real pairs of ${pairs.dataset}, the picture in every slot.${pairs.texts === undefined ? '' : readPairs(pairs)}`;
}

function readPairs({ dataset, texts }: PairsConfig): string {
  const branches = (texts?.branches ?? []).map((branch) => branch + 1).join(', ');
  return ` Of the text encoder's branches
only number ${branches} read the texts of ${dataset}, with the polarity of the pair.`;
}

function howMade(manifest: Omit<Manifest, 'files'>): string {
  const { foundation, training } = manifest;
  const recipe = training['recipe'] as Partial<Pick<Recipe, 'name' | 'seed'>> | undefined;
  if (training['method'] === 'bootstrap')
    return 'Without any training: classes are prompts, virtual embeddings are moved across the gap between the modalities. **Nothing of it was measured or calibrated.**';
  const { limit, note: said } = training;
  const note = typeof said === 'string' ? ` ${said}` : '';
  if (training['method'] === 'prepared') return `${tunedBy(manifest)}${note}`;
  const most = typeof limit === 'number' ? ` --limit ${limit}` : '';
  const named = `--recipe ${recipeOption(recipe?.name)}`;
  const other = named === '--recipe compact' ? '' : ` ${named}`;
  const what = foundation === undefined ? named : `--foundation ${foundation.name}${other}${most}`;
  const { options, told } = keptParts(training);
  return `\`npx undertone train ${what} --data DIR --out DIR${options}\`, seed ${recipe?.seed ?? 0}.${told}${note}`;
}

/** The command that trained heads on prepared clips, and what it kept; what an earlier version did not record is left out. */
function tunedBy({ name, training, data }: Omit<Manifest, 'files'>): string {
  const { starts_from: from, recipe, bundle, adapter, anew } = training;
  const start =
    typeof from === 'string'
      ? `Its heads start from those of ${from}; of labels that the data
lacks they say what those said, as far as it is left.`
      : 'Its heads start from random numbers.';
  const files = [...new Set(data.map((each) => each.name))].map(() => 'FILE').join(',');
  const madeBy = recipeOption((recipe as Partial<Pick<Recipe, 'name'>> | undefined)?.name);
  const options = [
    `--prepared ${files}`,
    `--steps ${String(training['steps'])}`,
    ...(typeof adapter === 'string' ? [`--adapter ${adapter}`] : []),
    ...(anew === true ? ['--anew'] : []),
    ...(madeBy === 'compact' ? [] : [`--recipe ${madeBy}`]),
    ...(typeof bundle === 'string' ? [`--bundle ${bundle}`] : []),
    `--name ${name}`,
  ];
  return `\`npx undertone train ${options.join(' ')}\`, seed ${String(training['seed'])}. ${start}`;
}

/** What was kept of other bundles, as options of the command and as sentences. */
function keptParts(training: KeptSources): { readonly options: string; readonly told: string } {
  const { images_of: images, finder_of: finder, texts_of: texts } = training;
  const precision = 'in the precision that it stores';
  const parts: (readonly [option: string, told: string])[] = [];
  if (images !== undefined) {
    const which = finder === undefined ? 'The image encoder is that' : 'Image encoder and face finder are those';
    parts.push([` --images-of ${images}`, ` ${which} of ${images}, ${precision}.`]);
  }
  if (texts !== undefined)
    parts.push([` --texts-of ${texts}`, ` Tokenizer and text branches of ${texts} were kept, ${precision}.`]);
  return { options: parts.map(([option]) => option).join(''), told: parts.map(([, told]) => told).join('') };
}

/** What `--recipe` calls the recipe of that name; the default where there is none of it. */
function recipeOption(name: string | undefined): string {
  return Object.keys(RECIPES).find((option) => RECIPES[option]?.name === name) ?? 'compact';
}

function findsFaces({ modalities }: Omit<Manifest, 'files'>): boolean {
  return modalities.some((modality) => modality.kind === 'image' && modality.encoder.finder !== undefined);
}

function imageSize({ modalities }: Omit<Manifest, 'files'>): number {
  const image = modalities.find((modality) => modality.kind === 'image');
  return image?.kind === 'image' ? image.encoder.preprocessing.size : 0;
}

/** Metrics that the card shows, of all that the manifest holds. */
const SHOWN =
  /^(zeros_|zero_complete_|zero_dropout_)?(emotion_|sentiment_)?(accuracy|weighted_f1|MAE|Corr|Non0_acc_2|Mult_acc_7|sentiment_nll|sentiment_ece(_uncalibrated)?|cosine_\w+)$/;

function metricTable({ dataset, split, n, missing, metrics, baseline }: Manifest['metrics'][number]): string {
  const rows = Object.entries(metrics).filter(([metric]) => SHOWN.test(metric));
  const fills = [...new Set(Object.keys(baseline).map((key) => fillOf(key)))];
  const cells = rows.map(([metric, value]) => {
    const others = fills.map((fill) => baseline[fill === '' ? metric : `${fill}_${metric}`] ?? '');
    return tableRow([metric, value ?? '', ...others]);
  });
  return `**${dataset}, ${split}, n = ${n}, missing: ${missing}**

${tableRow(['metric', 'this model', ...fills.map((fill) => HEADINGS[fill] ?? fill)])}
|---|---|${fills.map(() => '---|').join('')}
${cells.join('\n')}`;
}

function tableRow(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

const HEADINGS: Readonly<Record<string, string>> = {
  '': 'most frequent class or mean',
  zeros: 'zeros through the same heads',
  zero_complete: 'heads trained with everything, zeros for what is missing',
  zero_dropout: 'heads trained with zeros for what is missing',
};

function fillOf(key: string): string {
  return ['zero_complete', 'zero_dropout', 'zeros'].find((fill) => key.startsWith(`${fill}_`)) ?? '';
}
