import { beforeEach, describe, expect, test } from 'vitest';
import { SentCaptions } from '../../../client/sdk/sent-captions.ts';

let sent: SentCaptions;

beforeEach(() => {
  sent = new SentCaptions(3);
});

function send(...names: string[]): void {
  for (const name of names) {
    const [segment_id = '', revision = 0] = name.split('.');
    const caption = { type: 'caption' as const, segment_id, revision: Number(revision), text: name };
    sent.add({ caption: { ...caption, is_final: false, start_ms: 0, end_ms: 1 }, sinceMs: 0 });
  }
}

function lost(): string[] {
  return sent.take().map(({ caption }) => caption.text);
}

describe('what may be lost', () => {
  test.each([
    ['everything before the first count', ['a', 'b'], [], ['a', 'b']],
    ['what was sent since the count', ['a', 'b', 'c'], [2], ['c']],
    ['nothing when all is counted', ['a', 'b'], [1, 2], []],
    ['the newest revision, in the place where it was sent', ['a.0', 'b.0', 'a.1'], [1], ['b.0', 'a.1']],
    ['the first of equal revisions, and no older one', ['a.1', 'a.1', 'a.0'], [0], ['a.1']],
    ['as many segments as are kept', ['a', 'b', 'c', 'd'], [0], ['b', 'c', 'd']],
    ['nothing new where the server counted less than before', ['a', 'b'], [2, 0], []],
  ])('of a new session: %s', (_, names, counts, expected) => {
    sent.connect(0);
    send(...names);
    for (const count of counts) sent.count(count);
    expect(lost()).toEqual(expected);
    expect(lost()).toEqual([]);
  });

  test('of a resumed session is told apart, though the server had some that it had not counted yet', () => {
    sent.connect(0);
    send('a', 'b', 'c');
    sent.count(1);
    expect(lost()).toEqual(['b', 'c']);
    // The server got b before the connection was lost, and counts it twice.
    sent.connect(sent.most);
    send('b', 'c');
    sent.count(2);
    sent.count(4);
    send('d');
    sent.count(4);
    expect(lost()).toEqual(['d']);
  });

  test('of a resumed session is nothing that is counted again, though much had been lost', () => {
    sent.connect(0);
    send('a.1', 'a.2', 'a.3', 'b.1', 'b.2', 'b.3');
    expect(lost()).toEqual(['a.3', 'b.3']);
    sent.connect(sent.most);
    send('a.3', 'b.3');
    sent.count(0);
    sent.count(2);
    send('c');
    expect(lost()).toEqual(['c']);
  });

  test('over two connections is what neither is known to have carried', () => {
    sent.connect(0);
    send('a.1', 'a.2', 'b.1');
    expect(lost()).toEqual(['a.2', 'b.1']);
    // The server had both of a, and says so before it reads what comes again.
    sent.connect(sent.most);
    send('a.2', 'b.1');
    sent.count(2);
    expect(lost()).toEqual(['a.2', 'b.1']);
  });

  test('of a session that somebody else began is what it counts after its first count', () => {
    sent.connect(undefined);
    send('a', 'b');
    sent.count(40);
    sent.count(41);
    expect(lost()).toEqual(['b']);
  });

  test('is the newest where the server did not read another', () => {
    sent.connect(0);
    send('a', 'refused', 'b');
    sent.count(2);
    expect(lost()).toEqual(['b']);
  });
});
