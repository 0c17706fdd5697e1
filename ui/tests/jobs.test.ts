import { describe, expect, it } from 'vitest';
import type { Core, CoreEvent } from '$lib/core/core';
import { Jobs } from '$lib/core/jobs';
import type { Request } from '$lib/core/types/Request';

class Hand implements Core {
  asked: Request[] = [];
  hear: (event: CoreEvent) => void = () => undefined;
  before: (() => void) | null = null;
  async ask(request: Request) {
    this.asked.push(request);
    this.before?.();
    return request.do === 'cancel' ? ({ is: 'done' } as const) : ({ is: 'job', job: 7 } as const);
  }
  listen(hear: (event: CoreEvent) => void) {
    this.hear = hear;
    return () => undefined;
  }
}

const rest = () => new Promise((resolve) => setTimeout(resolve));

describe('jobs', () => {
  it('resolves with how the job ended, and hears its own progress alone', async () => {
    const core = new Hand();
    const jobs = new Jobs(core);
    const heard: number[] = [];
    const end = jobs.run(
      { do: 'read', condition: 1 },
      { onProgress: ({ done }) => heard.push(done) },
    );
    await rest();
    core.hear({ event: 'progress', job: 8, phase: 'reading', done: 99, total: 100 });
    core.hear({ event: 'progress', job: 7, phase: 'reading', done: 1, total: 2 });
    core.hear({ event: 'end', job: 7, end: { end: 'cancelled' } });
    expect(await end).toEqual({ end: 'cancelled' });
    expect(heard).toEqual([1]);
  });

  it('misses nothing that overtakes the answer', async () => {
    const core = new Hand();
    const jobs = new Jobs(core);
    core.before = () => core.hear({ event: 'end', job: 7, end: { end: 'found', conditions: [3] } });
    expect(await jobs.run({ do: 'find_missing', folder: '/x' })).toEqual({
      end: 'found',
      conditions: [3],
    });
  });

  it('cancels by its number', async () => {
    const core = new Hand();
    const jobs = new Jobs(core);
    const stop = new AbortController();
    const end = jobs.run({ do: 'read', condition: 1 }, { signal: stop.signal });
    await rest();
    stop.abort();
    core.hear({ event: 'end', job: 7, end: { end: 'cancelled' } });
    await end;
    expect(core.asked.at(-1)).toEqual({ do: 'cancel', job: 7 });
  });

  it('turns a refusal into a failed end', async () => {
    const core = new Hand();
    core.before = () => {
      throw { code: 'missing', message: 'It is not there.' };
    };
    const end = await new Jobs(core).run({ do: 'read', condition: 1 });
    expect(end).toEqual({
      end: 'failed',
      fault: { code: 'missing', message: 'It is not there.' },
      offers: [],
    });
  });
});
