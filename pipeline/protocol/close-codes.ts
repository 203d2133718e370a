import * as z from 'zod';

/** WebSocket close codes of the protocol; socket.io sends the same in `session.closed`. */
export const CLOSE = {
  normal: 1000,
  draining: 1001,
  tooBig: 1009,
  internal: 1011,
  overloaded: 1013,
  noHello: 4000,
  unauthorised: 4001,
  quota: 4008,
  idle: 4031,
  badMessage: 4101,
  tooManySessions: 4102,
  superseded: 4103,
} as const;
export type CloseCodeValue = (typeof CLOSE)[keyof typeof CLOSE];

export const CloseCode = z.literal(Object.values(CLOSE));
