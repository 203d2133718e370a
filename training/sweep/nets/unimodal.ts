import { linearParams } from '../../../models/encoders/layers.ts';
import { component } from '../../../models/graph/component.ts';
import { gelu, linear, reshape } from '../../../models/graph/ops/index.ts';
import { gru } from '../../../models/heads/gru.ts';
import { taskHead } from '../../../models/heads/task-head.ts';
import type { HeadsConfig, HeadsInput } from '../../../models/heads/trml.ts';
import type { Modality } from '../loss.ts';

/** One modality alone, with TRML's temporal encoder and task head; missing frames are passed over. */
export function unimodalNet(modality: Modality, config: HeadsConfig) {
  const { dimension, temporal, task, emotions, dropout } = config;
  const reader = gru(dimension, temporal);
  const head = taskHead({ input: temporal, task, emotions, dropout });
  const params =
    modality === 'video'
      ? { reader: reader.params, task: head.params }
      : { text: linearParams(dimension, temporal), task: head.params };
  return component(params, (g, p, input: HeadsInput) => {
    const [batch = 1] = input.video.shape;
    const read =
      'reader' in p
        ? reader.forward(g, p.reader, { x: input.video, mask: input.videoMask })
        : gelu(g, linear(g, reshape(g, input.text, [batch, dimension]), p.text));
    return head.forward(g, p.task, read);
  });
}
