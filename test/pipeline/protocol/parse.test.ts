import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientMessage, parseClientMessage } from '../../../pipeline/protocol/index.ts';

const caption = {
  type: 'caption',
  segment_id: 's1',
  revision: 0,
  text: 'hello',
  is_final: true,
  start_ms: 0,
  end_ms: 900,
};

describe('parseClientMessage', () => {
  it.each([
    ['not JSON', '{', 'bad_json', /not JSON; send/],
    ['no object', '[1]', 'bad_message', /object with a type/],
    ['no type', '{}', 'bad_message', /object with a type/],
    ['a number for a type', '{"type":1}', 'bad_message', /object with a type/],
    ['an unknown type', '{"type":"hello"}', 'unknown_type', /unknown message type "hello": use session\.update/],
    ['a type of the server', '{"type":"credit","frames":1}', 'unknown_type', /"credit"/],
    ['another protocol', '{"type":"session.update","protocol":2}', 'unsupported_protocol', /protocol 2/],
    ['no protocol', '{"type":"session.update"}', 'bad_message', /^session\.update: protocol: /],
    ['a field too many', { ...caption, extra: 1 }, 'bad_message', /extra/],
    ['an end before its start', { ...caption, start_ms: 901 }, 'bad_message', /^caption: end_ms: end_ms is before/],
    ['a fraction of a millisecond', { ...caption, end_ms: 900.5 }, 'bad_message', /^caption: end_ms: /],
    [
      'a time that leaves no room for its results',
      { ...caption, end_ms: 2 ** 52 + 1 },
      'bad_message',
      /^caption: end_ms: /,
    ],
    ['a long text', { ...caption, text: 'x'.repeat(5000) }, 'bad_message', /^caption: text: /],
    ['a loss beyond one', { type: 'modality.set', modality: 'video', loss: { rate: 2 } }, 'bad_message', /loss\.rate/],
    ['many faults', { type: 'caption' }, 'bad_message', /; and 3 more$/],
  ])('refuses %s', (_, input, code, message) => {
    expect(parseClientMessage(input)).toMatchObject({ ok: false, code, message: expect.stringMatching(message) });
  });

  it.each([
    [caption],
    [{ ...caption, text: '😀'.repeat(4096) }],
    [{ type: 'keepalive' }],
    [{ type: 'finalize' }],
    [{ type: 'session.close' }],
    [{ type: 'session.update', protocol: 1, hop_ms: 500 }],
    [{ type: 'modality.set', modality: 'text', state: 'paused' }],
    [{ type: 'modality.set', modality: 'text', loss: null }],
  ])('takes %j as text and as an object', (message) => {
    const expected = { ok: true, message };
    expect(parseClientMessage(message)).toEqual(expected);
    expect(parseClientMessage(JSON.stringify(message))).toEqual(expected);
  });

  it('fills in defaults', () => {
    const parsed = parseClientMessage({ type: 'modality.set', modality: 'video', loss: { rate: 0.5 } });
    expect(parsed).toMatchObject({
      message: { loss: { rate: 0.5, burst_ms: 0, delay_ms: 0, freeze: false, seed: 0 } },
    });
  });

  it('answers anything in one line, and only takes what the schema takes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.string(), fc.anything()), (input) => {
        const parsed = parseClientMessage(input);
        const sound = parsed.ok ? ClientMessage.safeParse(parsed.message).success : /^[^\n\r]+$/.test(parsed.message);
        expect(sound).toBe(true);
      }),
    );
  });
});
