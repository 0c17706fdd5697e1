import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { FakeCore } from '$lib/core/fake/core';
import { sampleModels } from '$lib/core/fake/models';
import ModelsPanel from '$lib/models/ModelsPanel.svelte';
import { bestChoice, bytesText, isReady } from '$lib/models/sizes';
import PromptBar from '$lib/prompt/PromptBar.svelte';
import TakePanel from '$lib/take/TakePanel.svelte';
import { corrected } from '$lib/words/scalars';
import Provide from './Provide.svelte';
import { asked, stage } from './helpers';

const [small, , huge, broken] = sampleModels().models;

describe('sizes of models', () => {
  it('are said as people say them', () => {
    expect(bytesText(8.8e9)).toBe('8.8 GB');
    expect(bytesText(66e9)).toBe('66 GB');
    expect(bytesText(1_400_000)).toBe('1 MB');
    expect(bytesText(12)).toBe('1 kB');
  });

  it('choose the best precision that fits, else the smallest', () => {
    expect(bestChoice(small!)?.precision).toBe('bf16');
    expect(bestChoice(huge!)?.precision).toBe('q4_k');
    expect(bestChoice(broken!)).toBeNull();
  });

  it('know what can be run', () => {
    expect([small, huge, broken].map((card) => isReady(card!))).toEqual([true, false, false]);
  });
});

describe('a correction', () => {
  it('counts scalars, not units', () => {
    expect(
      corrected('🎬 pans left slowly', { start: 2, end: 11, replacement: 'trucks right' }),
    ).toBe('🎬 trucks right slowly');
  });
});

describe('the models panel', () => {
  it('chooses a model that is here and lets it write', async () => {
    const { app, core } = await stage();
    render(Provide, { app, of: ModelsPanel, given: { onclose: () => undefined } });
    const card = await screen.findByRole('article', { name: 'Qwen3-VL 4B' });
    await userEvent.click(within(card).getByRole('button', { name: 'Use' }));
    await waitFor(() => expect(core.models.settings.model).toBe('qwen3-vl-4b-instruct'));
    expect(core.models.settings.engine).toBe('local');
    expect(await within(card).findByText('In use')).toBeTruthy();
  });

  it('fetches with progress, stops, and says why a model cannot be used', async () => {
    const { app, core } = await stage(new FakeCore({ pace: 30 }));
    render(Provide, { app, of: ModelsPanel, given: { onclose: () => undefined } });
    const card = await screen.findByRole('article', { name: 'Qwen2.5-Omni 3B' });
    await userEvent.click(within(card).getByRole('button', { name: /Go on fetching/ }));
    await within(card).findByText(/Fetching/);
    await userEvent.click(await within(card).findByRole('button', { name: 'Stop' }));
    await waitFor(() => expect(asked(core, 'cancel')).toHaveLength(1));
    await within(card).findByRole('button', { name: /Go on fetching/ });
    const old = screen.getByRole('article', { name: 'old-checkpoint' });
    expect(within(old).getByText(/cut short/)).toBeTruthy();
    expect(within(old).queryByRole('button', { name: 'Use' })).toBeNull();
  });

  it('fetches nothing while offline', async () => {
    const { app } = await stage();
    render(Provide, { app, of: ModelsPanel, given: { onclose: () => undefined } });
    await userEvent.click(await screen.findByRole('checkbox', { name: /Stay offline/ }));
    const card = await screen.findByRole('article', { name: 'Qwen2.5-VL 32B' });
    await waitFor(() =>
      expect(within(card).getByRole<HTMLButtonElement>('button', { name: 'Fetch' }).disabled).toBe(
        true,
      ),
    );
  });
});

describe('a model that writes', () => {
  it('is asked for words that must and must not occur', async () => {
    const { app, core } = await stage();
    await app.shelf.load();
    await app.shelf.change({ engine: 'local', model: 'qwen3-vl-4b-instruct' });
    render(Provide, { app, of: PromptBar });
    await userEvent.click(screen.getByRole('button', { name: 'Wording' }));
    await userEvent.type(screen.getByLabelText('Must say'), 'red coat, dusk');
    await userEvent.type(screen.getByLabelText('Never say'), 'stunning');
    await userEvent.click(screen.getByRole('button', { name: 'Interpret' }));
    await waitFor(() => expect(asked(core, 'interpret')).toHaveLength(1));
    expect(asked(core, 'interpret')[0]).toMatchObject({
      engine: 'local',
      writing: { must_include: ['red coat', 'dusk'], avoid: ['stunning'] },
    });
  });

  it('offers smaller steps when memory runs out, and takes one', async () => {
    const { app, core } = await stage();
    await app.shelf.load();
    await app.shelf.change({ engine: 'local', model: 'qwen3-vl-4b-instruct' });
    core.trouble = {
      end: 'failed',
      fault: { code: 'out_of_memory', message: 'Memory ran out while it looked at the clips.' },
      offers: [{ step: 'fewer_frames', says: 'Show it half as many frames' }],
    };
    render(Provide, { app, of: TakePanel });
    const shot = app.document.shot!.id;
    await app.interpreter.run(shot);
    const offers = await screen.findByRole('alert', { name: 'What to do next' });
    expect(within(offers).getByText(/Memory ran out/)).toBeTruthy();
    await userEvent.click(within(offers).getByRole('button', { name: /half as many/ }));
    await waitFor(() => expect(asked(core, 'interpret')).toHaveLength(2));
    expect(core.models.settings.frames).toBe(16);
  });
});

describe('a batch', () => {
  it('is shared out among the servers and says how many takes it wrote', async () => {
    const { app, core } = await stage();
    await app.interpreter.runAll(app.document.shots.map((shot) => shot.id));
    expect(asked(core, 'interpret_all')[0]?.shots).toHaveLength(app.document.shots.length);
    expect(app.notices.list.at(-1)?.text).toMatch(/takes written/);
    expect(app.interpreter.now.state).toBe('idle');
  });
});
