import type { ServerMessage } from '../../pipeline/protocol/index.ts';

/** Who watches sessions without taking part. */
export interface Audience {
  publish(sessionId: string, message: ServerMessage): void;
  /** Nothing more comes for that session. */
  end(sessionId: string): void;
}
