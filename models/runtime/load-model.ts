import { findBundle } from '../bundle/find-bundle.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import type { Manifest, ManifestModality } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import type {
  DeviceInfo,
  Encoded,
  EncoderInput,
  ModelInfo,
  Prediction,
  SentimentModel,
  WindowInput,
} from '../model.ts';
import { availableMemory } from './available-memory.ts';
import { chooseProvider } from './choose-provider.ts';
import { type ProviderChoice, type RuntimeConfig, defaultWorkers, readRuntimeConfig } from './config.ts';
import { deviceName } from './device-name.ts';
import { encoderForCpu } from './encoder-for-cpu.ts';
import { InferencePool } from './inference-pool.ts';
import { headsLane, imageLane, textLane } from './lane.ts';
import { modelInfo } from './model-info.ts';
import { modelBytes } from './model-bytes.ts';
import type { BatchEvent, RuntimeEvent, RuntimeStats } from './runtime-events.ts';
import { asImage, asText, unknownModality } from './check-input.ts';
import { checkWindow } from './windows.ts';
import { workersThatFit } from './workers-that-fit.ts';

/** Settings of {@link RuntimeConfig} that are not given come from the environment, then from the defaults. */
export interface LoadModelOptions extends Partial<RuntimeConfig> {
  /** Called after every batch. Must not throw. */
  readonly onBatch?: (event: BatchEvent) => void;
  /** Arguments that make Node run an inference process; the runtime's own program when absent. */
  readonly program?: readonly string[];
  /** Decides the provider; {@link chooseProvider} when absent. */
  readonly choose?: (choice: ProviderChoice, signal?: AbortSignal) => Promise<DeviceInfo['provider']>;
  /** Bytes that the processes may take where their number is not set; {@link availableMemory} when absent. */
  readonly memory?: () => number;
  /** Called when an inference process starts or ends, and with what the operator should know. Must not throw. */
  readonly onEvent?: (event: RuntimeEvent) => void;
  /** Ends the loading: its processes are ended, and it rejects with the reason. A model that is loaded stays. */
  readonly signal?: AbortSignal | undefined;
}

/** A model in inference processes of its own. */
export interface LoadedModel extends SentimentModel {
  stats(): RuntimeStats;
}

/**
 * Verifies a bundle and loads it into inference processes; resolves when all of them are ready.
 *
 * Besides the codes of {@link SentimentModel}, calls reject with `unknown_modality` and `bad_window`.
 *
 * @throws UndertoneError `bundle_*` (see readBundle), `bad_setting`, `provider_unavailable`, `model_unreadable`,
 * `tokenizer_invalid`, `inference_timeout`, `inference_crashed` (the processes could not be started); the reason of `signal`
 */
export async function loadModel(options: LoadModelOptions = {}): Promise<LoadedModel> {
  const config = { ...options, ...readRuntimeConfig(undefined, options) };
  const { signal } = options;
  const bundle = await readBundle(findBundle(config.bundle), signal);
  const { manifest } = bundle;
  const provider = await (config.choose ?? chooseProvider)(config.provider, signal);
  const cores = defaultWorkers();
  const availableBytes = (config.memory ?? availableMemory)();
  const fitting = workersThatFit({ cores, availableBytes, modelBytes: await modelBytes(bundle) });
  const notice = provider === 'cpu' ? undefined : await encoderForCpu(bundle);
  signal?.throwIfAborted();
  if (notice !== undefined) config.onEvent?.(notice);
  const onCpu = config.workers > 0 ? config.workers : fitting;
  const workers = config.workers === 0 && provider !== 'cpu' ? 1 : onCpu;
  const tellLimit = (): void => {
    if (config.workers > 0 || fitting === cores) return;
    const message = `memory has room for ${fitting} of ${cores} inference processes, one per core; --workers (UNDERTONE_WORKERS) starts as many as you say`;
    config.onEvent?.({ type: 'notice', code: 'workers_limited', message });
  };
  const onEvent = (event: RuntimeEvent): void => {
    if (event.type === 'provider_fallback') {
      // One process keeps a GPU busy, the processor needs one per core.
      tellLimit();
      pool.grow(onCpu);
    }
    config.onEvent?.(event);
  };
  const spec = { dir: bundle.dir, manifest, encoders: bundle.encoders, provider, threads: 1 };
  const pool = new InferencePool({ ...config, spec, auto: config.provider === 'auto', workers, onEvent });

  let { device } = pool;
  let info = modelInfo(bundle, { ...device, name: deviceName(device.provider) });
  const infoNow = (): ModelInfo => {
    if (pool.device !== device) {
      ({ device } = pool);
      info = { ...info, device: { ...device, name: deviceName(device.provider) } };
    }
    return info;
  };

  const predict = pool.addLane(headsLane(manifest));
  const predictBatch = async (windows: readonly WindowInput[]): Promise<readonly Prediction[]> => {
    for (const window of windows) checkWindow(window, manifest);
    return windows.length === 0 ? [] : await predict(windows);
  };
  const encoders = new Map(
    manifest.modalities.map((modality) => [modality.name, addEncoder(pool, modality, manifest)]),
  );
  if (provider === 'cpu') tellLimit();
  await pool.open(signal);

  return {
    get info() {
      return infoNow();
    },
    encode: (modality, input, { newer } = {}) => {
      const encode = encoders.get(modality);
      return encode === undefined ? Promise.reject(unknownModality(modality, info)) : encode(input, newer);
    },
    predict: async (window) => {
      const [prediction] = await predictBatch([window]);
      if (prediction === undefined) throw new UndertoneError('inference_crashed', 'the heads gave no prediction');
      return prediction;
    },
    predictBatch,
    stats: () => ({ device: infoNow().device, ...pool.stats }),
    close: async () => pool.close(),
  };
}

function addEncoder(
  pool: InferencePool,
  { name, kind }: ManifestModality,
  { dimension }: Manifest,
): (input: EncoderInput, newer?: () => EncoderInput | undefined) => Promise<Encoded> {
  if (kind === 'text') {
    const encode = pool.addLane(textLane(name, dimension));
    return async (input) => encode(asText(name, input));
  }
  const encode = pool.addLane(imageLane(name, dimension));
  return async (input, newer) =>
    encode(asImage(name, input), () => {
      const next = newer?.();
      return next && asImage(name, next);
    });
}
