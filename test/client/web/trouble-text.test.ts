import { expect, test } from 'vitest';
import { closedText } from '../../../client/web/src/view/closed-text.ts';
import { troubleText } from '../../../client/web/src/view/trouble-text.ts';

const told = (code: string, fatal = false): string | undefined =>
  troubleText({ type: 'warning', code, message: 'in the server’s words', fatal, requestId: 'r' });

test.each(['draining', 'no_such_session', 'unauthorised', 'too_many_sessions', 'unknown_modality', 'unreachable'])(
  'nothing is told of %s',
  (code) => {
    expect(told(code)).toBeUndefined();
  },
);

test.each([
  ['inference_overloaded', /^The server has too much to do/],
  ['quota_frames', /^This page sends more frames/],
  ['overloaded', /a part of the last minute stays empty\.$/],
])('%s is told in words', (code, words) => {
  expect(told(code)).toMatch(words);
});

test('a full server is tried again without a word', () => {
  expect(told('overloaded', true)).toBeUndefined();
});

test.each(['internal', 'not_known_yet'])('%s is told as the server says it', (code) => {
  expect(told(code)).toBe(`in the server’s words (${code})`);
});

test.each([
  [1000, '', false, 'Stopped', /^$/],
  [4001, '', false, 'The server asks for a token', /as in \/\?token=SECRET\.$/],
  [4001, '', true, 'The server refused the token', /Correct what follows token=/],
  [4102, '', false, 'The server has no room for another session', /^The server has no room for another session\.$/],
  [1006, 'unreachable', false, 'No connection to the server', /^No connection to the server\.$/],
  [4999, 'lunch', false, 'The server ended it: lunch', /^The server ended it: lunch\.$/],
])('closed with %i %j, with a token: %s', (code, reason, hadToken, line, notice) => {
  const text = closedText({ code, reason }, hadToken);
  expect(text.line).toBe(line);
  expect(text.notice ?? '').toMatch(notice);
});
