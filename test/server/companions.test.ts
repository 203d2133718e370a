import { describe, expect, test } from 'vitest';
import { Companions } from '../../server/sessions/companions.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';

const credit = (frames: number): ServerMessage => ({ type: 'credit', frames });
const result = (seq: number) => ({ type: 'sentiment.result', seq }) as ServerMessage;

function makeCompanions() {
  const sent: ServerMessage[] = [];
  return { sent, companions: new Companions((message) => void sent.push(message)) };
}

describe('companions', () => {
  test('what may wait leaves before the next message, credits as one', () => {
    const { companions, sent } = makeCompanions();
    const metrics = { type: 'metrics' } as ServerMessage;
    companions.soon(credit(1));
    companions.soon(metrics);
    companions.soon(credit(2));
    expect(sent).toEqual([]);
    companions.now(result(0));
    expect(sent).toEqual([credit(3), metrics, result(0)]);
  });

  test('alone, it leaves by itself, once', async () => {
    const { companions, sent } = makeCompanions();
    companions.soon(credit(1));
    await expect.poll(() => sent).toEqual([credit(1)]);
    companions.now(result(0));
    expect(sent).toEqual([credit(1), result(0)]);
  });

  test('only credit and metrics wait', () => {
    const { companions, sent } = makeCompanions();
    companions.soon(result(0));
    expect(sent).toEqual([result(0)]);
  });
});
