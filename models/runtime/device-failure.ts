/** How drivers and onnxruntime say that a GPU is gone or full, wherever in the text. */
const SIGNS = [
  /device\b.{0,40}\blost/i,
  /lost\b.{0,20}\bdevice/i,
  /out of (device )?memory/i,
  /failed to allocate/i,
  /bad_alloc/i,
  /\bCUDA (failure|error)/i,
  /\bCU(BLAS|DNN)(_STATUS| failure| error)/i,
];

/** Whether an error of a run or of a load is the device's: it will come again until the device is left. */
export function isDeviceFailure(error: unknown): boolean {
  const texts: string[] = [];
  for (let at = error; at instanceof Error && texts.length < 5; at = at.cause) texts.push(at.message);
  if (texts.length === 0) texts.push(String(error));
  return texts.some((text) => SIGNS.some((sign) => sign.test(text)));
}
