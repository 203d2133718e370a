/** The 256 characters that stand for bytes in GPT-2's and CLIP's vocabularies, in CLIP's order. */
function byteCharacters(): string[] {
  const plain = [...span(33, 126), ...span(161, 172), ...span(174, 255)];
  const others = span(0, 255).filter((byte) => !plain.includes(byte));
  return [...plain, ...others.map((_, i) => 256 + i)].map((code) => String.fromCodePoint(code));
}

function span(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** A `tokenizer.json` of the form that is published for CLIP, over any list of merges. */
export function clipTokenizer(merges: readonly string[]): object {
  const bytes = byteCharacters();
  const tokens = [...bytes, ...bytes.map((token) => `${token}</w>`), ...merges.map((pair) => pair.replace(' ', ''))];
  const start = '<|startoftext|>';
  const end = '<|endoftext|>';
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: true, special: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      { id: tokens.length, content: start, ...special },
      { id: tokens.length + 1, content: end, ...special },
    ],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+` },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [end, tokens.length + 1],
      cls: [start, tokens.length],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: end,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab: Object.fromEntries([...tokens, start, end].map((token, id) => [token, id])),
      merges,
    },
  };
}
