import { apply } from '../graph/component.ts';
import { Graph } from '../graph/graph.ts';
import { faceFinder, type FaceFinderConfig } from './face-finder.ts';
import { imageEncoder, type ImageEncoderConfig } from './image-encoder.ts';
import { textEncoder, type TextEncoderConfig } from './text-encoder.ts';

/** The image encoder as an inference graph: `pixels` uint8 [N, size, size, 3] to `embedding` [N, d]. */
export function imageEncoderGraph(config: ImageEncoderConfig): Graph {
  const g = new Graph();
  const pixels = g.input('pixels', ['N', config.size, config.size, 3], 'uint8');
  g.output('embedding', apply(g, imageEncoder(config), 'image', pixels));
  return g;
}

/** The face finder as an inference graph: `pixels` uint8 [N, size, size, 3] to `faces` [N, cells, 4]. */
export function faceFinderGraph(config: FaceFinderConfig): Graph {
  const g = new Graph();
  const pixels = g.input('pixels', ['N', config.size, config.size, 3], 'uint8');
  g.output('faces', apply(g, faceFinder(config), 'finder', pixels));
  return g;
}

/** The text encoder as an inference graph: `tokens` int64 and `mask` float32 [N, L] to `embedding` [N, d]. */
export function textEncoderGraph(config: TextEncoderConfig): Graph {
  const g = new Graph();
  const tokens = g.input('tokens', ['N', 'L'], 'int64');
  const mask = g.input('mask', ['N', 'L']);
  g.output('embedding', apply(g, textEncoder(config), 'text', { tokens, mask }));
  return g;
}
