import type { NodeProto } from '../../graph/onnx/gen/onnx_pb.ts';
import { UndertoneError } from '../../errors.ts';

/** The error for a graph that is not what the rewrite knows; it names the node where that showed. */
export function unrecognised(expected: string, found?: NodeProto | string): UndertoneError {
  const what =
    found === undefined || typeof found === 'string'
      ? (found ?? 'nothing')
      : `${found.opType} (${found.name || found.output[0] || 'without a name'})`;
  return new UndertoneError(
    'rewrite_unrecognised',
    `not a vision transformer that can be rewritten: expected ${expected}, found ${what}; the model works as it is, in float32`,
  );
}
