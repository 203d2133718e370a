import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanText } from '../../../models/encoders/text-input/clean-text.ts';
import { type TextTokenizer, loadTokenizer } from '../../../models/encoders/tokenizer.ts';
import { describeEncoders } from '../../../models/foundation/describe-encoders.ts';
import type { TextEncoder } from '../../../models/bundle/manifest.ts';
import { EncoderRunner } from '../../../models/runtime/encoder-runner.ts';
import { type OrtSession, openSession } from '../../../models/runtime/session.ts';
import { clipTokenizer } from '../../support/clip-tokenizer.ts';
import { tinyClip, tinyClipEntry } from '../../support/tiny-clip.ts';
import { writeFiles } from '../../support/write-files.ts';
import { testData } from '../../support/test-data.ts';

describe('cleanText', () => {
  test.each([
    ['curly quotes', 'I’m “fine” ‛too‛', `I'm "fine" 'too'`],
    ['full-width letters', 'Ｆｕｌｌ　ｗｉｄｔｈ！', 'Full width!'],
    ['ligatures', 'oﬃce ﬁrst', 'office first'],
    ['entities, written twice', 'a&amp;b &lt;tag&gt; &amp;amp; &#39;x&#39;', "a&b <tag> & 'x'"],
    ['entities beside markup', '<b>a &amp; b</b>', '<b>a & b</b>'],
    ['accents in two parts', 'cafe\u0301', 'café'],
    ['blanks of all kinds', '  a\u00a0b\r\n\tc\u2028d\u0085e ', 'a b c d e'],
    ['control characters and escapes', 'a\u0007b\u001b[31mc\ufeffd', 'abcd'],
    ['half an emoji', 'a\ud83dz', 'a\ufffdz'],
    ['emoji stay', 'so 😂❤️', 'so 😂❤️'],
    ['nothing', '', ''],
  ])('clip: %s', (_what, text, cleaned) => {
    expect(cleanText(text, 'clip')).toBe(cleaned);
  });

  test('siglip: lower case without punctuation', () => {
    expect(cleanText(" Hello,  World! It's {fine}…\n", 'siglip')).toBe('hello world its fine…');
  });

  test('none: the text as it is', () => {
    expect(cleanText(' A  “b” ', undefined)).toBe(' A  “b” ');
  });
});

describe('a text encoder with causal attention', () => {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-text-'));
  let runner: EncoderRunner;
  let session: OrtSession;
  let encoder: TextEncoder;
  let tokenizer: TextTokenizer;

  beforeAll(async () => {
    writeFiles(folder, tinyClip());
    const files = { image: 'onnx/vision_model.onnx', text: 'onnx/text_model.onnx' };
    const [, text] = await describeEncoders(folder, tinyClipEntry(), files);
    encoder = text?.encoder as TextEncoder;
    runner = new EncoderRunner({ dir: folder, dimension: 16, provider: 'cpu', threads: 1 });
    session = await openSession(join(folder, files.text), { threads: 1 });
    tokenizer = await runner.tokenizer(encoder.preprocessing.tokenizer);
  });
  afterAll(async () => {
    await runner.close();
    await session.close();
    rmSync(folder, { recursive: true });
  });

  /** As published: padded with the end token, or with zeros, to the longest length that the model knows. */
  async function padded(text: string, pad: number): Promise<Float32Array> {
    const ids = tokenizer.encode(cleanText(text, 'clip'), 20, 'start');
    const tokens = new BigInt64Array(20).fill(BigInt(pad));
    for (const [i, id] of ids.entries()) tokens[i] = BigInt(id);
    const outputs = await session.run({ input_ids: { type: 'int64', dims: [1, 20], data: tokens } });
    const row = outputs['text_embeds']?.data as Float32Array;
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  }

  test('runs at its own length and gives what padding gives', async () => {
    const texts = ['', 'happy', 'a sad person', 'so angry 😂 today', 'x'.repeat(100), 'Happy &amp; “sad”'];
    const { embeddings: rows } = await runner.encodeTexts(encoder, texts);
    for (const [i, text] of texts.entries()) {
      const row = rows.subarray(i * 16, (i + 1) * 16);
      for (const pad of [encoder.preprocessing.pad_id, 0]) {
        const published = await padded(text, pad);
        expect(Math.max(...row.map((value, k) => Math.abs(value - (published[k] ?? 0))))).toBeLessThan(1e-5);
      }
    }
  });

  test('keeps the start of a long text and its end token', () => {
    const ids = tokenizer.encode('happy '.repeat(500), 20, 'start');
    const [first = 0, last = 0] = [ids[0], ids.at(-1)];
    expect([ids.length, first, last]).toEqual([20, tokenizer.idOf('<|startoftext|>'), tokenizer.idOf('<|endoftext|>')]);
    const words = ['sad', ...Array.from({ length: 300 }, () => 'angry'), 'happy'].join(' ');
    expect(tokenizer.encode(words, 6, 'start')).toEqual(
      Int32Array.of(
        first,
        ...['sad</w>', 'angry</w>', 'angry</w>', 'angry</w>'].map((t) => tokenizer.idOf(t) ?? -1),
        last,
      ),
    );
    expect(tokenizer.encode(words, 4, 'end').slice(1, 3)).toEqual(
      Int32Array.from(['angry</w>', 'happy</w>'].map((t) => tokenizer.idOf(t) ?? -1)),
    );
  });
});

test('settings of a tokenizer that are cut off are refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-tokenizer-'));
  const files = { image: 'onnx/vision_model.onnx', text: 'onnx/text_model.onnx' };
  try {
    const { 'tokenizer_config.json': _, ...others } = tinyClip();
    writeFiles(folder, others);
    await expect(describeEncoders(folder, tinyClipEntry(), files)).resolves.toHaveLength(2);
    writeFiles(folder, { 'tokenizer_config.json': Buffer.from('{"model_max_') });
    await expect(describeEncoders(folder, tinyClipEntry(), files)).rejects.toMatchObject({ code: 'foundation_config' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a text encoder whose padding counts', () => {
  test('SigLIP: a unigram vocabulary, an end token, padded with it to the full length, no mask', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-siglip-'));
    try {
      const files = { image: 'onnx/vision_model.onnx', text: 'onnx/text_model.onnx' };
      writeFiles(folder, {
        ...tinyClip(),
        'tokenizer.json': Buffer.from(JSON.stringify(UNIGRAM)),
        'tokenizer_config.json': Buffer.from(JSON.stringify({ model_max_length: 16, pad_token: { content: '</s>' } })),
      });
      const entry = tinyClipEntry();
      const text = { ...entry.text, attention: 'full' as const, clean: 'siglip' as const, max_tokens: 16 };
      const [, part] = await describeEncoders(folder, { ...entry, text }, files);
      const encoder = part?.encoder as TextEncoder;
      expect(encoder.preprocessing).toMatchObject({ max_tokens: 16, pad_to: 16, pad_id: 1, clean: 'siglip' });
      const [, zeros] = await describeEncoders(folder, { ...entry, text: { ...text, pad_id: 0 } }, files);
      expect(zeros?.encoder).toMatchObject({ preprocessing: { pad_to: 16, pad_id: 0 } });
      expect(encoder.inputs).toEqual({ tokens: 'input_ids' });
      const runner = new EncoderRunner({ dir: folder, dimension: 16, provider: 'cpu', threads: 1 });
      const tokenizer = await runner.tokenizer('tokenizer.json');
      expect([...tokenizer.encode(cleanText('A happy, day!', 'siglip'), 16, 'start')]).toEqual([3, 4, 5, 1]);
      const { embeddings: same } = await runner.encodeTexts(encoder, ['A happy, day!', 'a HAPPY day']);
      expect(same.slice(0, 16)).toEqual(same.slice(16));
      await runner.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const REFERENCE = testData('clip-tokenizer');

describe.skipIf(!existsSync(REFERENCE))("OpenAI's own tokenizer (needs the reference data)", () => {
  test('agrees on every line: 77 tokens, truncation, emoji, markup, accents', () => {
    const vocabulary = gunzipSync(readFileSync(join(REFERENCE, 'bpe_simple_vocab_16e6.txt.gz'))).toString('utf8');
    const merges = vocabulary.split('\n').slice(1, 49152 - 256 - 2 + 1);
    const tokenizer = loadTokenizer(clipTokenizer(merges));
    const lines = readFileSync(join(REFERENCE, 'reference.jsonl'), 'utf8').trim().split('\n');
    const wrong = lines.filter((line) => {
      const { text, ids } = JSON.parse(line) as { text: string; ids: number[] };
      return [...tokenizer.encode(cleanText(text, 'clip'), 77, 'start')].join() !== ids.join();
    });
    expect(wrong).toEqual([]);
    expect(lines).toHaveLength(609);
    expect(tokenizer.vocabSize).toBe(49408);
  });
});

/** A vocabulary of the form that SentencePiece's unigram models have as `tokenizer.json`. */
const UNIGRAM = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [
    { id: 1, content: '</s>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    { id: 2, content: '<unk>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  ],
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true, prepend_scheme: 'always' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
    pair: [],
    special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
  },
  decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  model: {
    type: 'Unigram',
    unk_id: 2,
    vocab: [
      ['▁', -5],
      ['</s>', 0],
      ['<unk>', 0],
      ['▁a', -1],
      ['▁happy', -2],
      ['▁day', -2],
      ['h', -6],
      ['d', -6],
      ['a', -6],
      ['y', -6],
    ],
  },
};
