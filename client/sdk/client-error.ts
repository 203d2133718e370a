/** A mistake in the use of the client, found before anything is sent, or why there is no connection. `code` is stable. */
export class ClientError extends Error {
  readonly code: 'bad_caption' | 'bad_modality' | 'bad_frame' | 'bad_options' | 'connection_refused' | 'unreachable';

  constructor(code: ClientError['code'], message: string) {
    super(message);
    this.name = 'ClientError';
    this.code = code;
  }
}
