import { Option } from 'commander';

/** `--precision` of a rewritten image encoder: `pull` and `rewrite` have it. */
export function precisionOption() {
  return new Option('--precision <form>', 'of the rewritten products; auto is int8 where it is faster here')
    .choices(['auto', 'int8', 'float32'])
    .default('auto');
}
