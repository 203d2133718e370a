import { expect, test } from 'vitest';
import { UndertoneError } from '../../../models/errors.ts';
import { isDeviceFailure } from '../../../models/runtime/device-failure.ts';

test.each([
  ['WebGPU device lost (1): A valid external Instance reference no longer exists.', true],
  ['[Device] is lost.', true],
  ['CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; expr=cudaMalloc((void**)&p, size);', true],
  ['BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 268435456', true],
  ['CUDNN_STATUS_EXECUTION_FAILED', true],
  ['CUDA error cudaErrorIllegalAddress: an illegal memory access was encountered', true],
  ['std::bad_alloc', true],
  ['Got invalid dimensions for input: pixels for the following indices', false],
  ['the image is corrupt', false],
  ['a batch of windows has another size than said', false],
])('%s: %s', (message, wanted) => {
  expect(isDeviceFailure(new Error(message))).toBe(wanted);
  expect(isDeviceFailure(new UndertoneError('model_unreadable', 'no', { cause: new Error(message) }))).toBe(wanted);
  expect(isDeviceFailure(message)).toBe(wanted);
});
