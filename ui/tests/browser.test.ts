import { describe, expect, it } from 'vitest';
import { BrowserCore } from '$lib/core/browser/shell';

interface Call {
  address: string;
  init: RequestInit;
}

function core(answer: () => Response | Promise<Response>) {
  const calls: Call[] = [];
  const fetching = (async (address: string, init: RequestInit) => {
    calls.push({ address, init });
    return await answer();
  }) as typeof fetch;
  return { core: new BrowserCore('secret', fetching), calls };
}

const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });

describe('the browser shell', () => {
  it('asks with its token', async () => {
    const { core: browser, calls } = core(() => json({ is: 'done' }));
    expect(await browser.ask({ do: 'undo' })).toEqual({ is: 'done' });
    expect(calls[0]?.address).toBe('/api/ask');
    expect(calls[0]?.init.method).toBe('POST');
    expect(calls[0]?.init.headers).toMatchObject({ Authorization: 'Bearer secret' });
    expect(JSON.parse(String(calls[0]?.init.body))).toEqual({ do: 'undo' });
  });

  it('rejects with the core’s own fault', async () => {
    const fault = { code: 'damaged', message: 'The clip is cut short.' };
    const { core: browser } = core(() => json(fault, 422));
    await expect(browser.ask({ do: 'view' })).rejects.toEqual(fault);
  });

  it('says so when the core is gone or the token is wrong', async () => {
    const gone = core(() => Promise.reject(new TypeError('network')));
    await expect(gone.core.ask({ do: 'view' })).rejects.toMatchObject({
      message: 'The core does not answer.',
    });
    const wrong = core(() => new Response('no', { status: 401 }));
    await expect(wrong.core.ask({ do: 'view' })).rejects.toMatchObject({ code: 'denied' });
    const broken = core(() => new Response('<html>', { status: 500 }));
    await expect(broken.core.ask({ do: 'view' })).rejects.toMatchObject({ code: 'internal' });
  });

  it('uploads bytes and hands back a path', async () => {
    const { core: browser, calls } = core(() => json({ path: '/tmp/a b.png' }));
    const file = new File(['x'], 'a b.png');
    expect(await browser.upload(file)).toBe('/tmp/a b.png');
    expect(calls[0]?.address).toBe('/api/upload?name=a%20b.png');
    expect(calls[0]?.init.body).toBe(file);
  });
});
