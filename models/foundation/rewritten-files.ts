/**
 * Files that a rewrite adds to a model's folder. The report has times, which no two pulls share: it is hidden and so none of
 * the manifest's files, and a service that runs takes the model up again when it was removed and came back.
 */
export const REWRITTEN = { graph: 'onnx/vision_model.rewritten.onnx', report: '.rewrite.json' } as const;
