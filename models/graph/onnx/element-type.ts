import type { ElementType } from '../../runtime/session.ts';

/** ONNX's numbers for element types (TensorProto.data_type and TypeProto.Tensor.elem_type). */
export const ONNX_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const satisfies Record<ElementType | 'float16' | 'int8', number>;
