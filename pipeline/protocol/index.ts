export * from './binary-frame.ts';
export * from './client-messages.ts';
export * from './close-codes.ts';
export * from './error-codes.ts';
export * from './parse.ts';
export * from './primitives.ts';
export * from './sentiment.ts';
export * from './server-messages.ts';
