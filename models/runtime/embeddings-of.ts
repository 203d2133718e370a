import type { EncodedInputs } from './encoder-runner.ts';

/** The embeddings where nothing failed. @throws UndertoneError the first failure */
export function embeddingsOf({ embeddings, failures }: EncodedInputs): Float32Array {
  const [first] = failures;
  if (first !== undefined) throw first.error;
  return embeddings;
}
