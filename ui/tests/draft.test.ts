import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BURST_MS, Draft, flushAll, PAUSE_MS } from '$lib/state/draft';

describe('words being typed', () => {
  let sent: [string, string][];
  let drafts: Draft[] = [];
  const make = (send?: (text: string, gesture: string) => Promise<void>) => {
    const draft = new Draft({
      name: 'test',
      send: send ?? (async (text, gesture) => void sent.push([text, gesture])),
      now: () => Date.now(),
    });
    drafts.push(draft);
    return draft;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
  });
  afterEach(() => {
    drafts.forEach((draft) => draft.drop());
    drafts = [];
    vi.useRealTimers();
  });

  it('sends once after a pause, not for every key', async () => {
    const draft = make();
    draft.type('a');
    draft.type('ab');
    await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.map(([text]) => text)).toEqual(['ab']);
  });

  it('keeps one burst one undo step, and begins another after a rest', async () => {
    const draft = make();
    draft.type('a');
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    draft.type('ab');
    await vi.advanceTimersByTimeAsync(BURST_MS + 1);
    draft.type('abc');
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    const gestures = sent.map(([, gesture]) => gesture);
    expect(gestures[0]).toBe(gestures[1]);
    expect(gestures[2]).not.toBe(gestures[1]);
  });

  it('loses nothing when the window goes away', async () => {
    make().type('the last words');
    await flushAll();
    expect(sent.map(([text]) => text)).toEqual(['the last words']);
  });

  it('keeps words that could not be sent and tries again', async () => {
    let fails = true;
    const draft = make(async (text, gesture) => {
      if (fails) throw new Error('full');
      sent.push([text, gesture]);
    });
    draft.type('kept');
    await draft.flush();
    expect(draft.dirty).toBe(true);
    fails = false;
    await draft.flush();
    expect(sent.map(([text]) => text)).toEqual(['kept']);
    expect(draft.dirty).toBe(false);
  });

  it('sends in order, one after the other', async () => {
    const order: string[] = [];
    const draft = make(async (text) => {
      order.push(`${text} begins`);
      await new Promise((resolve) => setTimeout(resolve, 500));
      order.push(`${text} ends`);
    });
    draft.type('1');
    void draft.flush();
    draft.type('2');
    void draft.flush();
    await vi.advanceTimersByTimeAsync(2000);
    expect(order).toEqual(['1 begins', '1 ends', '2 begins', '2 ends']);
  });

  it('knows late echoes from news', async () => {
    const draft = make();
    draft.type('a');
    await draft.flush();
    draft.type('ab');
    expect(draft.isEcho('a')).toBe(true);
    await draft.flush();
    expect(draft.isEcho('a')).toBe(true);
    expect(draft.isEcho('ab')).toBe(false);
    expect(draft.isEcho('something else')).toBe(false);
    draft.settle();
    expect(draft.isEcho('a')).toBe(false);
  });
});
