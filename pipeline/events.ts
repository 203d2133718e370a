import type { ModalitySpec, Prediction } from '../models/model.ts';
import type { CaptionInput, FrameInput, KeepaliveInput, ModalityInput, PipelineOutput, Problem } from './frames.ts';
import type { FrameEntry } from './memory/frame-memory.ts';
import type { Cause, Counterfactuals } from './protocol/index.ts';

/** Called once, when the input that it came with needs nothing more; never throws. */
type Settled = () => void;

export interface FrameEvent {
  readonly kind: 'frame';
  readonly frame: FrameInput;
  /** Wall time. */
  readonly arrivedMs: number;
  /** Replay: media time at which an injected delay is over. */
  readonly heldUntilMs?: number;
  /** A repeated image in the place of a lost one. */
  readonly frozen: boolean;
  /** Set when the frame is not to be encoded, but leaves a hole with that cause. */
  readonly lost: Cause | null;
  readonly settled: Settled;
}

/** A frame with its place in the session's memory. */
export interface PlacedFrame {
  readonly kind: 'placed';
  readonly frame: FrameInput;
  readonly entry: FrameEntry;
  readonly settled: Settled;
}

export interface CaptionEvent extends CaptionInput {
  /** Wall time. */
  readonly arrivedMs: number;
  /** Replay: media time at which an injected delay is over. */
  readonly heldUntilMs?: number;
  /** Repeats the words of the caption before it in the place of its own. */
  readonly frozen: boolean;
  /** Taken away on purpose. */
  readonly lost: boolean;
  readonly settled: Settled;
}

export interface SwitchEvent extends ModalityInput {
  readonly settled: Settled;
}

export interface AliveEvent extends KeepaliveInput {
  readonly settled: Settled;
}

interface InMediaTime {
  /** Media time of arrival. */
  readonly atMs: number;
}
export type PlacedCaption = CaptionEvent & InMediaTime;
export type PlacedAlive = AliveEvent & InMediaTime;

/** Comes out after the results of everything before it. */
export interface FinalizeEvent {
  readonly kind: 'finalize';
  readonly mediaMs: number | undefined;
  /** Inputs are to come after that time, so that nothing has ended. */
  readonly goesOn: boolean;
  readonly settled: Settled;
}

/** Live: stands for what is due when the frames before it are encoded; nothing else waits for them. */
export interface FlushEvent {
  readonly kind: 'flush';
  /** Call once, then. */
  readonly due: () => readonly Encoded[];
}

/** A prediction is due at that media time. */
export interface HopEvent {
  readonly kind: 'hop';
  readonly ptsMs: number;
  /** Wall time. */
  readonly firedMs: number;
}

/** What stands for a slot of a window, and why there is nothing, or why it is not the client's own. */
export interface SlotSnapshot {
  readonly embedding: Float32Array | null;
  readonly cause: Cause | null;
}

/** What was known of one modality when its window was cut. */
export interface ModalitySnapshot {
  readonly spec: ModalitySpec;
  readonly slots: readonly SlotSnapshot[];
  /** Media time of the newest observation, of words whether they can be encoded or not; null before the first. */
  readonly observedMs: number | null;
  /** Wall time at which the newest input in the window arrived; null when there is none. */
  readonly arrivedMs: number | null;
  readonly queueMs: number;
  readonly encodeMs: number;
  /** Text kind only. */
  readonly text?: WindowText;
}

/** The words of a window. */
export interface WindowText {
  /** What is to be encoded; empty where nothing was said. */
  readonly text: string;
  /** Whether every caption in it is final. */
  readonly isFinal: boolean;
  /** Something of it was taken away or repeated on purpose. */
  readonly injected: boolean;
  /** How many words of each segment it shows. */
  readonly shown: ReadonlyMap<string, number>;
}

export interface Snapshot {
  readonly ptsMs: number;
  readonly firedMs: number;
  readonly modalities: readonly ModalitySnapshot[];
}

/** A smoothed score, null without one; shared by its window and the next, which is smoothed over what it is by then. */
export interface Smoothed {
  score: number | null;
}

/** What became of a window: the newest snapshot of it and the newest result for it. */
export interface WindowRecord {
  snapshot: Snapshot;
  /** Number of the newest result; null until one is out. */
  seq: number | null;
  /** Its smoothed score, which a revision replaces, and that of the result before it; null until one is out. */
  smoothed: Smoothed | null;
  before: Smoothed | null;
  /** Live: the revision whose prediction has not begun; a newer one takes its place. */
  waiting: WindowEvent | null;
  /** Its newest words could not be read, so its result has others than its snapshot, or none. */
  failed: boolean;
}

/** A window to predict; `revises` when a result for it is out or on its way. */
export interface WindowEvent {
  readonly kind: 'window';
  snapshot: Snapshot;
  readonly record: WindowRecord;
  readonly revises: boolean;
}

/** A window with its prediction; null where nothing was observed. */
export interface PredictedEvent {
  readonly kind: 'predicted';
  readonly snapshot: Snapshot;
  readonly prediction: Prediction | null;
  readonly record: WindowRecord;
  readonly revises: boolean;
  /** Null where the session did not ask for them. */
  readonly counterfactuals: Counterfactuals | null;
  /** Cosine of synthesis with observation by modality, where it was measured for this window. */
  readonly agreement: Readonly<Record<string, number>> | null;
  /** Trouble on the way that the result survived. */
  readonly warning: Problem | null;
}

/** A message for the client, if any; an input may settle with it. */
export interface OutputEvent {
  readonly kind: 'output';
  readonly output: PipelineOutput | null;
  readonly settled?: Settled | undefined;
}

export type Arrival = FrameEvent | CaptionEvent | SwitchEvent | AliveEvent | FinalizeEvent;
export type Admitted = Arrival | OutputEvent;
export type Encoded =
  | Exclude<Admitted, FrameEvent | CaptionEvent | AliveEvent>
  | PlacedCaption
  | PlacedAlive
  | HopEvent;
export type Aligned = Encoded | PlacedFrame | FlushEvent;
export type Cut = WindowEvent | OutputEvent;
export type Predicted = PredictedEvent | OutputEvent;
