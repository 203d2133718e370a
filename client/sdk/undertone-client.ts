/// <reference lib="esnext.disposable" preserve="true" />
import type { ConnectionStatus } from './connection.ts';
import type { CaptionInput, ClientEvents, Closed, ModalityInput, Result, Revision, Session } from './events.ts';
import type { FrameImage } from './frame-image.ts';
import type { FrameCounts } from './frame-slot.ts';
import type { ServerEvent, UnknownMessage } from './parse-message.ts';

/** A live session with an Undertone server. */
export interface UndertoneClient {
  /** The session that is or was last open. */
  readonly session: Session | undefined;
  readonly connection: ConnectionStatus;
  readonly frames: FrameCounts;
  /**
   * Caption segments that were dropped: too many waited for a connection, they were older than the window of a new session in
   * the place of a lost one, they still waited when the client closed, or came after that.
   */
  readonly captionsDropped: number;
  /** True when a frame sent now goes out at once: worth looking at before encoding one. */
  readonly wantsFrame: boolean;

  /**
   * Sends a JPEG, WebP or PNG file, or holds it until the server gives credit; a newer frame replaces the one held. `ptsMs` is
   * its media time, rounded to whole milliseconds. Without an open session it is dropped, and so is a Blob that cannot be read.
   *
   * @throws {ClientError} `bad_frame` when `ptsMs` is not a time from 0 on, or `image` holds no bytes or more than the
   * session's `limits.maxMessageBytes` allow.
   */
  sendFrame(image: FrameImage, ptsMs: number): void;
  /**
   * Sends a caption, or keeps it until there is a session again. Where the connection turns out to have been dead, the
   * newest revision of its segment is sent again. One that waited for its session until it is too late to change any result
   * comes to nothing, which the server tells of each (`caption_order`).
   *
   * @throws {ClientError} `bad_caption` with what is wrong with it.
   */
  sendCaption(caption: CaptionInput): void;
  /**
   * Pauses or reactivates a modality, or injects loss into it; remembered across connections.
   *
   * @throws {ClientError} `bad_modality` with what is wrong with it.
   */
  setModality(name: string, change: ModalityInput): void;
  /** Asks for the predictions of everything sent so far; where no session is open, once there is one, after the captions that wait. */
  finalize(): void;
  /** Says that captions are alive while nobody speaks; sent regularly on its own unless `keepaliveMs` is 0. */
  keepalive(): void;
  /** Ends the session and resolves with its totals, the same for every call; never rejects. */
  close(): Promise<Closed>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;

  /** Adds a listener; returns its removal. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void;
  /** Every server message from this call on, in order, until the client is closed. `eventBuffer` of them may wait. */
  messages(): AsyncIterableIterator<ServerEvent | UnknownMessage>;
  /** Every result and revision from this call on, in order, until the client is closed. `eventBuffer` of them may wait. */
  results(): AsyncIterableIterator<Result | Revision>;
}
