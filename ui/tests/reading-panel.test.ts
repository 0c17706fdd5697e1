import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { FakeCore } from '$lib/core/fake/core';
import { sampleProject } from '$lib/core/fake/sample';
import Composition from '$lib/timeline/Composition.svelte';
import Timeline from '$lib/timeline/Timeline.svelte';
import Window from '../src/Window.svelte';
import OpenReading from './OpenReading.svelte';
import Provide from './Provide.svelte';
import { asked, stage } from './helpers';

const CAMERA = 14;
const POSE = 12;
const DEPTH = 13;

/** The reading of one card, laid open. */
async function open(condition: number, core = new FakeCore({ pace: 1 })) {
  const on = await stage(core);
  on.app.playhead.setLength(4.2, 24);
  on.app.opened = condition;
  render(Provide, { app: on.app, of: OpenReading });
  const panel = await screen.findByRole('region', { name: /^Reading of/ });
  return { ...on, panel, corrections: () => on.app.condition(condition)?.corrections ?? [] };
}

const line = (name: RegExp) => screen.findByRole('button', { name, expanded: false });
const moves = () => screen.findByRole('region', { name: 'Camera moves' });
const lineOf = async (text: string) => {
  const found = [...(await moves()).querySelectorAll<HTMLElement>('[data-row]')].find((each) =>
    each.textContent?.includes(text),
  );
  if (!found) throw new Error(`no line says ${text}`);
  return found;
};

describe('a reading', () => {
  it('lists what was measured and what is said, with its times', async () => {
    await open(CAMERA);
    const rows = [...(await moves()).querySelectorAll('[data-row]')];
    expect(rows.map((row) => row.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
      '0–3 s Truck right Sure',
      '1–2.8 s Pan left 10° Perhaps',
      '3–4.2 s Hold Sure',
    ]);
    expect(screen.getByRole('region', { name: 'In words' })).toBeTruthy();
    expect(screen.getByText('Travel')).toBeTruthy();
  });

  it('moves the playhead to what is chosen, unless it is there already', async () => {
    const { app } = await open(CAMERA);
    await userEvent.click(await lineOf('Hold'));
    expect(app.playhead.time_s).toBe(3);
    await userEvent.click(await lineOf('Hold'));
    app.playhead.seek(2);
    await userEvent.click(await lineOf('Truck right'));
    expect(app.playhead.time_s).toBe(2);
    expect(screen.getByText(/Measured: way travelled/)).toBeTruthy();
  });

  it('is struck out and put back by key, each one step', async () => {
    const { app, core, corrections } = await open(CAMERA);
    const pan = await lineOf('Pan left');
    pan.focus();
    await userEvent.keyboard('{Delete}');
    await waitFor(() => expect(corrections()).toHaveLength(1));
    expect(await screen.findByText(/Struck out/)).toBeTruthy();
    expect(document.activeElement).toBe(await lineOf('Pan left'));
    // What is said is read anew, and the sentence follows.
    expect(await screen.findByText('The camera does this: truck right and hold.')).toBeTruthy();
    expect(screen.getByText(/measured: The camera trucks right while/)).toBeTruthy();
    await app.document.undo();
    await waitFor(() => expect(corrections()).toEqual([]));
    await waitFor(() => expect(screen.queryByText(/Struck out/)).toBeNull());
    await app.document.redo();
    await userEvent.click(await screen.findByRole('button', { name: 'Put back' }));
    await waitFor(() => expect(corrections()).toEqual([]));
    expect(asked(core, 'edit').map(({ edit }) => edit.edit)).toEqual([
      'set_corrections',
      'set_corrections',
    ]);
  });

  it('is called something else by typing ahead, and taken as measured again', async () => {
    const { corrections } = await open(CAMERA);
    (await lineOf('Pan left')).focus();
    await userEvent.keyboard('{F2}');
    const choices = await screen.findByRole('listbox', { name: /instead of Pan left/ });
    await waitFor(() => expect(document.activeElement).toBe(choices));
    await userEvent.keyboard('dolly o{Enter}');
    await waitFor(() =>
      expect(corrections()).toEqual([
        { item: 'move/1', was: 'Pan left 10°', change: { change: 'rename', to: 'dolly_out' } },
      ]),
    );
    expect((await lineOf('Dolly out')).textContent).toContain('corrected by you');
    expect(screen.getByText('measured: Pan left 10°')).toBeTruthy();
    expect(screen.queryByRole('listbox')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Take as measured' }));
    await waitFor(() => expect(corrections()).toEqual([]));
    expect(document.activeElement).toBe(await lineOf('Pan left'));
  });

  it('is said in other words; Escape leaves them', async () => {
    const { corrections } = await open(CAMERA);
    const steady = await line(/It is steady, with no shake/);
    steady.focus();
    await userEvent.keyboard('{F2}');
    const box = await screen.findByRole('textbox', { name: /^Your words for/ });
    await userEvent.keyboard('Rock steady.{Escape}');
    await waitFor(() => expect(box.isConnected).toBe(false));
    await waitFor(() => expect(document.activeElement).toBe(steady));
    expect(corrections()).toEqual([]);
    await userEvent.keyboard('{F2}');
    await screen.findByRole('textbox', { name: /^Your words for/ });
    await userEvent.keyboard('Rock steady.{Enter}');
    await waitFor(() =>
      expect(corrections()[0]?.change).toEqual({ change: 'rename', to: 'Rock steady.' }),
    );
    expect(await screen.findByText('measured: It is steady, with no shake.')).toBeTruthy();
  });

  it('keeps what was written when one goes on to something else, and stays there', async () => {
    const { corrections } = await open(CAMERA);
    (await line(/It is steady, with no shake/)).focus();
    await userEvent.keyboard('{F2}');
    await screen.findByRole('textbox', { name: /^Your words for/ });
    await userEvent.keyboard('Rock steady.');
    const note = screen.getByRole('textbox', { name: 'Note' });
    await userEvent.click(note);
    await waitFor(() => expect(corrections()).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(document.activeElement).toBe(note);
  });

  it('takes times that are typed, and refuses what is none', async () => {
    const { app, core, corrections } = await open(CAMERA);
    await userEvent.click(await lineOf('Pan left'));
    const end = await screen.findByRole<HTMLInputElement>('textbox', { name: 'End in seconds' });
    await userEvent.clear(end);
    await userEvent.type(end, 'soon{Enter}');
    expect(end.value).toBe('2.8');
    await userEvent.clear(end);
    await userEvent.type(end, '2{Enter}');
    await waitFor(() =>
      expect(corrections()[0]?.change).toEqual({ change: 'retime', start_s: 1, end_s: 2 }),
    );
    expect(screen.getByText('measured: 1–2.8 s')).toBeTruthy();
    // Arrow keys go by frames, and several are one step.
    await userEvent.type(end, '{ArrowUp}');
    await userEvent.type(end, '{ArrowUp}');
    await waitFor(() => {
      const change = corrections()[0]?.change;
      expect(change?.change === 'retime' && change.end_s).toBeCloseTo(2 + 2 / 24, 3);
    });
    const gestures = asked(core, 'edit').map(({ gesture }) => gesture);
    expect(gestures).toEqual([undefined, 'retime:move/1:14', 'retime:move/1:14']);
    await app.document.undo();
    await waitFor(() =>
      expect(corrections()[0]?.change).toEqual({ change: 'retime', start_s: 1, end_s: 2 }),
    );
  });

  it('is moved at the ends of its band, with the playhead on the frame', async () => {
    const { app, corrections } = await open(CAMERA);
    await userEvent.click(await lineOf('Hold'));
    const begin = await screen.findByRole('slider', { name: 'Begin of Hold' });
    begin.focus();
    await userEvent.keyboard('{Shift>}{ArrowLeft}{/Shift}');
    await waitFor(() => {
      const change = corrections()[0]?.change;
      expect(change?.change === 'retime' && change.start_s).toBeCloseTo(3 - 10 / 24, 3);
    });
    expect(app.playhead.time_s).toBeCloseTo(3 - 10 / 24, 3);
    expect(await screen.findByText('measured: 3–4.2 s')).toBeTruthy();
  });

  it('tells of a correction that no longer applies, and lets it go', async () => {
    const project = sampleProject();
    const camera = project.shots[0]?.conditions.find(({ id }) => id === CAMERA);
    camera?.corrections.push({ item: 'move/0', was: 'Dolly in', change: { change: 'delete' } });
    const { corrections } = await open(CAMERA, new FakeCore({ project, pace: 1 }));
    expect(await screen.findByText(/You struck out “Dolly in”/)).toBeTruthy();
    expect((await lineOf('Truck right')).closest('.struck')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(corrections()).toEqual([]));
    await waitFor(() => expect(screen.queryByText(/You struck out/)).toBeNull());
  });

  it('draws what it rests on while that holds, and lights what is looked at', async () => {
    const { app, panel } = await open(DEPTH);
    const marks = () => [...panel.querySelectorAll('g[data-mark]')];
    await waitFor(() => expect(marks()).toHaveLength(3));
    app.playhead.seek(1);
    await waitFor(() => expect(marks()).toHaveLength(5));
    const region = panel.querySelector<HTMLElement>('[data-row="region/0"]');
    if (!region) throw new Error('the region has a line');
    await fireEvent.pointerEnter(region.closest('li') ?? region);
    await waitFor(() => expect(panel.querySelectorAll('g.mark.lit')).toHaveLength(2));
    expect(panel.querySelectorAll('g.mark.dim')).toHaveLength(3);
  });

  it('is read in another way', async () => {
    const { app } = await open(DEPTH);
    await screen.findByText('Depths and movement');
    await userEvent.selectOptions(screen.getByLabelText('Near is'), 'near_dark');
    await waitFor(() => expect(app.condition(DEPTH)?.options).toEqual({ polarity: 'near_dark' }));
    await userEvent.selectOptions(screen.getByLabelText('Near is'), '');
    await waitFor(() => expect(app.condition(DEPTH)?.options).toEqual({}));
  });

  it('shows how far it is, stops, and is read again', async () => {
    const core = new FakeCore({ pace: 15 });
    core.readingSteps = 5000;
    await open(POSE, core);
    expect(await screen.findByText('Decoding frames…')).toBeTruthy();
    const bar = screen.getByRole('progressbar', { name: /^Reading of/ });
    expect(bar.getAttribute('max')).toBe('5000');
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect((await screen.findByRole('alert')).textContent).toContain('The reading was stopped.');
    core.readingSteps = 0;
    await userEvent.click(screen.getByRole('button', { name: 'Read it again' }));
    expect(await screen.findByText('People and what they do')).toBeTruthy();
  });

  it('says why it failed', async () => {
    const core = new FakeCore({ pace: 1 });
    core.unreadable = {
      condition: POSE,
      fault: { code: 'damaged', message: 'The clip ends in the middle.', advice: 'Copy it again.' },
    };
    await open(POSE, core);
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The clip ends in the middle. Copy it again.',
    );
  });

  it('keeps its lines in reach of the arrows', async () => {
    await open(CAMERA);
    (await lineOf('Truck right')).focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement).toBe(await lineOf('Pan left'));
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    expect(document.activeElement?.textContent).toContain('The camera trucks right');
    await userEvent.keyboard('{ArrowUp}');
    expect(document.activeElement).toBe(await lineOf('Hold'));
  });
});

describe('where readings are opened', () => {
  it('from a lane, which marks what is corrected', async () => {
    const project = sampleProject();
    const pose = project.shots[0]?.conditions.find(({ id }) => id === POSE);
    pose?.corrections.push({
      item: 'person/1/action/2',
      was: 'Waves',
      change: { change: 'delete' },
    });
    const { app } = await stage(new FakeCore({ project, pace: 1 }));
    render(Provide, { app, of: Timeline });
    expect(await screen.findByText('Walks')).toBeTruthy();
    expect(screen.queryByText('Waves')).toBeNull();
    expect(screen.getAllByTitle('Corrected by you')).toHaveLength(1);
    const label = screen.getByRole('button', { name: 'Open the reading of Walk cycle' });
    await userEvent.click(label);
    expect(app.opened).toBe(POSE);
    app.close();
    expect(app.opened).toBeNull();
    expect(document.activeElement).toBe(label);
  });

  it('by key, in place of the canvas, and left by Escape', async () => {
    const { app } = await stage();
    render(Window, { shell: app.shell });
    await screen.findByRole('region', { name: 'Canvas' });
    screen.getByRole('button', { name: /^Open the reading of Truck and hold/ }).focus();
    await userEvent.keyboard('r');
    const panel = await screen.findByRole('region', { name: 'Reading of Truck and hold' });
    expect(screen.queryByRole('region', { name: 'Canvas' })).toBeNull();
    expect(document.activeElement).toBe(panel);
    await userEvent.click(screen.getByRole('button', { name: 'Reading of the card before' }));
    await screen.findByRole('region', { name: 'Reading of Street depth' });
    await userEvent.keyboard('{Escape}');
    await screen.findByRole('region', { name: 'Canvas' });
  });
});

describe('the cards together', () => {
  it('say what does not agree, and stop when a correction settles it', async () => {
    const { app } = await stage();
    render(Provide, { app, of: Composition });
    const conflicts = await screen.findByRole('list', { name: 'Conflicts between cards' });
    expect(within(conflicts).getByText(/pans left, and Street depth shows no turn/)).toBeTruthy();
    await userEvent.click(within(conflicts).getByRole('button', { name: '1–2.8 s' }));
    expect(app.playhead.time_s).toBe(1);
    await app.document.edit({
      edit: 'set_corrections',
      condition: CAMERA,
      corrections: [{ item: 'move/1', was: 'Pan left 10°', change: { change: 'delete' } }],
    });
    await waitFor(() =>
      expect(screen.queryByRole('list', { name: 'Conflicts between cards' })).toBeNull(),
    );
    await app.document.undo();
    await screen.findByRole('list', { name: 'Conflicts between cards' });
  });

  it('suggest ties, made with one click and undone with one', async () => {
    const { app } = await stage();
    render(Provide, { app, of: Composition });
    const ties = await screen.findByRole('list', { name: 'Suggestions' });
    expect(within(ties).getByText('It is the only camera path of this shot.')).toBeTruthy();
    await userEvent.click(within(ties).getByRole('button', { name: /^Tie: Truck and hold/ }));
    await waitFor(() => expect(app.document.shot?.bindings).toHaveLength(2));
    await waitFor(() => expect(screen.queryByText(/is the camera of this shot/)).toBeNull());
    await app.document.undo();
    expect(app.document.shot?.bindings).toHaveLength(1);
  });

  it('suggest a frame rate, which is read with at once', async () => {
    const { app } = await stage();
    render(Provide, { app, of: Composition });
    await userEvent.click(await screen.findByRole('button', { name: /at 20 frames a second/ }));
    await waitFor(() => expect(app.condition(CAMERA)?.options).toEqual({ fps: 20 }));
    await waitFor(() => expect(screen.queryByText(/at 20 frames a second/)).toBeNull());
  });

  it('ask again when another card was read', async () => {
    const { app, core } = await stage();
    render(Provide, { app, of: Composition });
    await waitFor(() => expect(asked(core, 'composition')).toHaveLength(1));
    const depth = app.condition(DEPTH);
    if (depth) app.media.wantReading(depth);
    await waitFor(() => expect(asked(core, 'composition')).toHaveLength(2));
  });

  it('say why they could not be compared, and try again', async () => {
    const core = new FakeCore({ pace: 1 });
    const { app } = await stage(core);
    core.uncomposed = { code: 'internal', message: 'It went wrong.' };
    render(Provide, { app, of: Composition });
    expect(await screen.findByText(/could not be compared. It went wrong./)).toBeTruthy();
    core.uncomposed = null;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('list', { name: 'Conflicts between cards' });
  });

  it('take several views of one person as one, in one step', async () => {
    const core = new FakeCore({ pace: 1 });
    const { app } = await stage(core);
    for (const name of ['ref_1.png', 'ref_2.png', 'ref_3.png']) {
      await app.adder.add([`/f/${name}`], null);
    }
    render(Provide, { app, of: Composition });
    await userEvent.click(
      await screen.findByRole('button', { name: /ref_1, ref_2 and ref_3 are the same/ }),
    );
    await waitFor(() =>
      expect(app.document.shot?.bindings.filter(({ kind }) => kind === 'same_as')).toHaveLength(2),
    );
    await waitFor(() => expect(screen.queryByText(/the same\?/)).toBeNull());
    await app.document.undo();
    expect(app.document.shot?.bindings.some(({ kind }) => kind === 'same_as')).toBe(false);
  });

  it('are shut and opened by hand, and shut beside a reading', async () => {
    const { app } = await stage();
    render(Provide, { app, of: Composition });
    const head = await screen.findByRole('button', { name: /^One conflict, two suggestions/ });
    expect(head.getAttribute('aria-expanded')).toBe('true');
    app.opened = CAMERA;
    await waitFor(() => expect(head.getAttribute('aria-expanded')).toBe('false'));
    await userEvent.click(head);
    expect(screen.getByText(/stores no times/)).toBeTruthy();
  });
});
