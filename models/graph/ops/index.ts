export * from './bigrams.ts';
export * from './elementwise.ts';
export * from './linear.ts';
export * from './reduce.ts';
export * from './shape-ops.ts';
