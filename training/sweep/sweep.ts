import { join } from 'node:path';
import { EXIT, UndertoneError } from '../../models/errors.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { Level } from './loss.ts';
import { adaptedSet } from '../adapter/adapted-set.ts';
import { requireTexts } from '../adapter/adapt-table.ts';
import { ABLATIONS, METHODS, TRIVIAL, type Method } from './methods.ts';
import { unitModels } from './model-store.ts';
import { planUnits, type Phase } from './plan.ts';
import { lazily } from '../lazily.ts';
import { isPrepared } from '../prepare/is-prepared.ts';
import { runUnit } from './run-unit.ts';
import { setReport, type SetReport } from './set-report.ts';
import { composedSet } from './sets/composed-set.ts';
import { mvsaSet } from './sets/mvsa-set.ts';
import { preparedSet } from './sets/prepared-set.ts';
import type { SetOptions } from './sets/set-options.ts';
import type { Fold, SweepSet } from './sweep-set.ts';
import type { Budget } from './train-method.ts';
import { tune, tuningFold } from './tune.ts';
import { unitKey, type Unit, type UnitResult } from './unit.ts';
import { unitStore, type UnitStore } from './unit-store.ts';
import { untested } from './untested.ts';

const PRESETS = { methods: METHODS, ablations: ABLATIONS } as const;
export type Preset = keyof typeof PRESETS;

const WATCH_MS = 2000;

type SetOpener = (options: SetOptions) => Promise<SweepSet>;

/** Sets by the name that `--sets` gives. */
const SETS: Readonly<Record<string, SetOpener>> = {
  composed: composedSet,
  mvsa: mvsaSet,
};

export interface SweepOptions {
  readonly model: LocalModel;
  readonly recipe: Recipe;
  readonly data: string;
  /** Folder of the results of units, of their trained parameters, and of the report. */
  readonly out: string;
  readonly cache: string;
  readonly sets: readonly string[];
  readonly preset: Preset;
  /** Names of the preset's methods; all of them unless given. */
  readonly methods?: readonly string[] | undefined;
  readonly rates: readonly number[];
  /** Rates at which data is missing in training too; those of testing unless given. */
  readonly trainingRates?: readonly number[] | undefined;
  readonly seeds: readonly number[];
  readonly levels: readonly Level[];
  readonly phases: readonly Phase[];
  readonly budget: Budget;
  readonly clips: { readonly train: number; readonly test: number };
  readonly skipBad?: boolean;
  /** Split of prepared sets to test on; the validation split unless given. */
  readonly split?: string | undefined;
  /** Fits the text encoder to the training texts of each fold: see `lexicalAdapter`. */
  readonly adapter?: 'lexical' | undefined;
  /** Names of the data sets that the encoders were trained on; undefined where that is not known. */
  readonly encodersSaw?: readonly string[] | undefined;
  /** Only every `count`-th unit, from the `index`-th on: several processes share the work. */
  readonly part?: { readonly index: number; readonly count: number } | undefined;
  /** Called with each set once it is done. */
  readonly onSet?: (set: SweepSet) => Promise<void>;
  /**
   * Called when a set's embeddings and tuned values are in the cache, before its units: others may run them.
   *
   * @param set as `sets` names it
   */
  readonly onPlanned?: (set: string) => Promise<void> | void;
  readonly onStage?: (what: string) => void;
  readonly onProgress?: (what: string, done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the protocol of the paper: every method, and the trivial prediction, on every set, at every rate, with every seed.
 * What was run before is read from `out`.
 *
 * @returns a report per set; none where this process ran a part only
 * @throws UndertoneError `sweep_unknown`, `data_*`, `training_diverged`, `checkpoint_unwritable`; the signal's reason
 */
export async function sweep(options: SweepOptions): Promise<SetReport[]> {
  const reports: { readonly asked: string; readonly report: SetReport }[] = [];
  const methods = chosen(options);
  // What is wrong with a name or a prepared file shows before the hours that the sets before it take.
  if (options.adapter !== undefined && options.model.info.modalities.some(({ adapted }) => adapted))
    throw new UndertoneError(
      'bad_usage',
      `${options.model.info.name} has an adapter already: leave --adapter out, or name the bundle it was made of`,
      { exitCode: EXIT.usage },
    );
  const openers: { readonly name: string; readonly open: SetOpener }[] = [];
  for (const name of options.sets) openers.push({ name, open: await openerOf(name, options) });
  for (const { name, open } of openers) {
    options.onStage?.(`reading ${name}`);
    const read = await open({
      ...options,
      skipBad: options.skipBad ?? false,
      onBad: ({ message }) => options.onStage?.(`left out: ${message}`),
      onProgress: (done, total) => options.onProgress?.(`encoding ${name}`, done, total),
    });
    const set = options.adapter === undefined ? read : adaptedSet(read, options.model);
    const report = await sweepSet(set, methods, { ...options, onPlanned: () => options.onPlanned?.(name) });
    if (report !== undefined) reports.push({ asked: name, report });
    await options.onSet?.(set);
  }
  return toldApart(reports);
}

/** Sets of one name, such as several folders of clips, are called as `sets` names them. */
function toldApart(reports: readonly { readonly asked: string; readonly report: SetReport }[]): SetReport[] {
  const names = reports.map(({ report }) => report.name);
  return reports.map(({ asked, report }) =>
    names.indexOf(report.name) === names.lastIndexOf(report.name)
      ? report
      : { ...report, name: asked, title: `${asked}: ${report.title}` },
  );
}

async function sweepSet(
  set: SweepSet,
  methods: readonly Method[],
  options: Omit<SweepOptions, 'onPlanned'> & { readonly onPlanned: () => Promise<void> | void },
): Promise<SetReport | undefined> {
  const { recipe, budget, out, signal, seeds, part } = options;
  const store = unitStore(join(out, 'units'));
  const fitting = methods.filter((method) => fits(method, set));
  const unfit = methods.filter((method) => !fits(method, set)).map(({ name }) => name);
  const tuned: Method[] = [];
  const fold = lazily(async () => tuningFold(set));
  for (const [i, method] of fitting.entries()) {
    options.onProgress?.(`tuning ${set.name}: ${method.name}`, i, fitting.length);
    // What is changed one at a time keeps the learning rate of the method that it is a change of.
    const base = options.preset === 'ablations' ? (ABLATIONS[0] ?? method) : method;
    const { peak, lateFusion } = await tune(base, { set, fold, recipe, budget, store, signal });
    tuned.push({
      ...method,
      ...(peak === undefined ? {} : { peak }),
      ...(lateFusion === undefined ? {} : { lateFusion }),
    });
  }
  tuned.push(TRIVIAL);
  const levels = set.levels.filter((level) => options.levels.includes(level));
  const { rates, phases, trainingRates = rates } = options;
  const units = planUnits({ set: set.name, levels, methods: tuned, seeds, rates, trainingRates, phases });
  const keyOf = (unit: Unit): string => unitKey(unit, set.fingerprint, recipe, budget.steps, budget.batch);
  const done = new Set<Unit>();
  await whileWatching(
    async () => {
      for (const unit of units)
        if (!done.has(unit) && untested(unit, await store.read(keyOf(unit))).length === 0) done.add(unit);
      return () => options.onProgress?.(set.name, done.size, units.length);
    },
    async () => options.onPlanned(),
  );
  await runUnits(units, keyOf, { ...options, set, store });
  if (part !== undefined) return undefined;
  const notes =
    unfit.length === 0 ? [] : [`left out, since its clips have no such frames or slots: ${unfit.join(', ')}`];
  return setReport({
    set: { ...set, notes: [...set.notes, ...notes] },
    levels,
    methods: tuned,
    units,
    read: (unit) => store.read(keyOf(unit)),
    options,
  });
}

/** Looks now and then while something goes on, and tells what it sees as long as it does. */
async function whileWatching(look: () => Promise<() => void>, run: () => Promise<void>): Promise<void> {
  let watching = true;
  const timer = setInterval(() => {
    void look().then((tell) => (watching ? tell() : undefined));
  }, WATCH_MS);
  try {
    await run();
  } finally {
    watching = false;
    clearInterval(timer);
  }
}

async function runUnits(
  units: readonly Unit[],
  keyOf: (unit: Unit) => string,
  options: SweepOptions & { readonly set: SweepSet; readonly store: UnitStore },
): Promise<void> {
  const { set, store, part, signal, recipe, budget, out } = options;
  const own = units.filter((_, i) => part === undefined || i % part.count === part.index);
  const due: { readonly unit: Unit; readonly known: UnitResult | undefined }[] = [];
  for (const unit of own) {
    const known = await store.read(keyOf(unit));
    if (untested(unit, known).length > 0) due.push({ unit, known });
  }
  let folds: { readonly of: string; readonly folds: readonly Fold[] } | undefined;
  for (const [i, { unit, known }] of sideBySide(due).entries()) {
    signal?.throwIfAborted();
    const { method, seed } = unit;
    options.onProgress?.(`${set.name} ${seed} ${method.name}`, own.length - due.length + i, own.length);
    const of = clipsOf(unit);
    if (folds?.of !== of) folds = { of, folds: set.folds(seed, method.slots) };
    const key = keyOf(unit);
    // Of what lacks data in training, nothing but that very loss is ever tested.
    const models = unit.training === null ? unitModels(join(out, 'models'), key) : undefined;
    await store.write(key, await runUnit(unit, { set, folds: folds.folds, recipe, budget, known, models, signal }));
  }
  options.onProgress?.(set.name, own.length, own.length);
}

/**
 * What shares its clips one after the other, and of these what is trained on the same part of them: the folds, and the adapter
 * that is fitted to that part, are made once for all methods, and one at a time is held.
 */
function sideBySide<T extends { readonly unit: Unit }>(units: readonly T[]): T[] {
  const trained = grouped(units, ({ unit }) => JSON.stringify(unit.training));
  return grouped(trained, ({ unit }) => clipsOf(unit));
}

/** Names the clips of a unit. */
function clipsOf({ seed, method }: Unit): string {
  return `${seed} ${method.slots ?? ''}`;
}

/** Items of one key side by side, in the order in which the keys come first. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()].flat();
}

/** Of a name of `SETS`, or of the path of a prepared file, which is read at once. */
async function openerOf(
  name: string,
  options: Pick<SetOptions, 'model' | 'split' | 'encodersSaw'> & Pick<SweepOptions, 'adapter'>,
): Promise<SetOpener> {
  if (isPrepared(name)) {
    const set = await preparedSet(name, options);
    for (const { train } of options.adapter === undefined ? [] : set.folds(0)) requireTexts(train, name);
    return async () => set;
  }
  const open = Object.hasOwn(SETS, name) ? SETS[name] : undefined;
  if (open === undefined) throw unknown('set', name, [...Object.keys(SETS), 'a prepared .safetensors file']);
  if (options.adapter !== undefined && open === composedSet)
    throw new UndertoneError(
      'adapter_texts',
      'the texts of composed clips are those that the encoder was trained on: with --adapter name other --sets',
      { exitCode: EXIT.usage },
    );
  return open;
}

/** What is done about the frames of a clip says nothing on a set whose clips have one. */
function fits({ slots, heads, fill }: Method, { levels, anySlots }: SweepSet): boolean {
  if (slots !== undefined && !anySlots) return false;
  const isAboutFrames = fill === 'last' || heads?.pooling !== undefined || heads?.frames !== undefined;
  return levels.includes('frame') || !isAboutFrames;
}

function chosen({ preset, methods }: SweepOptions): readonly Method[] {
  const all = PRESETS[preset];
  const names = all.map(({ name }) => name);
  const wrong = methods?.find((name) => !names.includes(name));
  if (wrong !== undefined) throw unknown('method', wrong, names);
  return methods === undefined ? all : all.filter(({ name }) => methods.includes(name));
}

function unknown(what: string, name: string, known: readonly string[]): UndertoneError {
  return new UndertoneError('sweep_unknown', `there is no ${what} "${name}"; there are ${known.join(', ')}`, {
    exitCode: EXIT.usage,
  });
}
