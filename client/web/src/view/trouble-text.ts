import type { ErrorCode } from '../../../../pipeline/protocol/index.ts';
import type { ClientError, ServerError, Warning } from '../../../sdk/index.ts';

type Code = ErrorCode | ClientError['code'];

/**
 * Warnings and errors in words for the person at the page. Null where the page mends it by itself, or where the end of
 * the connection that follows is told with its reason.
 */
const TROUBLES: Readonly<Partial<Record<Code, string | null>>> = {
  caption_length: 'A caption ended too far ahead, and was cut.',
  media_too_fast: 'What is sent runs faster than the clock, so some results are left out.',
  connection_refused: null,
  draining: null,
  hello_timeout: null,
  idle: null,
  no_such_session: null,
  superseded: null,
  too_many_sessions: null,
  unauthorised: null,
  unknown_modality: null,
  unreachable: null,
  caption_order: 'A caption came too late or too early to count.',
  device_fallback: 'The server’s graphics processor failed. It goes on without it, more slowly.',
  frame_order: 'A frame came too late or too early to count.',
  inference_crashed: 'A part of the server failed and starts again. The readings go on.',
  inference_overloaded: 'The server has too much to do at the moment: some frames and readings are left out.',
  inference_timeout: 'A reading took the server too long, and some frames are left out. The readings go on.',
  overloaded: 'The server could not keep all that this page missed: a part of the last minute stays empty.',
  quota_bytes: 'This page sends more than the server takes: some frames are left out.',
  quota_frames: 'This page sends more frames than the server takes: some are left out.',
  quota_messages: 'This page sends more captions than the server takes: some are left out.',
};

/** What to tell of a server's warning or error; its own words where its code is a new one, undefined for nothing. */
export function troubleText({ code, message, fatal }: Warning | ServerError): string | undefined {
  // A server that is full closes the connection, and the page tries again.
  const text = code === 'overloaded' && fatal ? null : TROUBLES[code as Code];
  return text === undefined ? `${message} (${code})` : (text ?? undefined);
}
