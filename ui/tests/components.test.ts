import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { EditorView } from '@codemirror/view';
import { describe, expect, it } from 'vitest';
import PromptBar from '$lib/prompt/PromptBar.svelte';
import ShotList from '$lib/shots/ShotList.svelte';
import ExportSheet from '$lib/take/ExportSheet.svelte';
import TakePanel from '$lib/take/TakePanel.svelte';
import Tray from '$lib/shell/Tray.svelte';
import Window from '../src/Window.svelte';
import { FakeCore } from '$lib/core/fake/core';
import { flushAll } from '$lib/state/draft';
import type { Drop, Shell } from '$lib/core/core';
import Provide from './Provide.svelte';
import { asked, stage } from './helpers';

const editorOf = (label: string): EditorView => {
  const content = screen.getByLabelText(label);
  const view = EditorView.findFromDOM(content);
  if (!view) throw new Error(`no editor is called ${label}`);
  return view;
};

describe('the prompt bar', () => {
  it('sends what is typed as one gesture and interprets', async () => {
    const { app, core } = await stage();
    render(Provide, { app, of: PromptBar });
    const box = screen.getByRole('textbox', { name: 'Prompt' });
    await userEvent.clear(box);
    await userEvent.type(box, 'A cat');
    await flushAll();
    const edits = asked(core, 'edit');
    expect(edits.at(-1)?.edit).toMatchObject({ edit: 'set_prompt', prompt: 'A cat' });
    expect(new Set(edits.map((edit) => edit.gesture)).size).toBe(1);
    await userEvent.click(screen.getByRole('button', { name: 'Interpret' }));
    await waitFor(() => expect(asked(core, 'interpret')).toHaveLength(1));
  });

  it('shows progress and cancels', async () => {
    const { app, core } = await stage(new FakeCore({ pace: 40 }));
    render(Provide, { app, of: PromptBar });
    await userEvent.click(screen.getByRole('button', { name: 'Interpret' }));
    expect(await screen.findByRole('progressbar')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await screen.findByRole('button', { name: 'Interpret' });
    expect(asked(core, 'cancel')).toHaveLength(1);
  });

  it('follows undo', async () => {
    const { app } = await stage();
    render(Provide, { app, of: PromptBar });
    const box = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Prompt' });
    const before = box.value;
    await userEvent.type(box, ' and rain');
    await app.document.undo();
    await waitFor(() => expect(box.value).toBe(before));
  });
});

describe('the six editors', () => {
  it('show the caption with its origins', async () => {
    const { app } = await stage();
    const { container } = render(Provide, { app, of: TakePanel });
    await waitFor(() => expect(container.querySelectorAll('.cm-editor')).toHaveLength(6));
    expect(
      container.querySelector('.cm-editor .origin-condition[data-condition="14"]'),
    ).toBeTruthy();
    expect(container.querySelector('.cm-editor .origin-inferred')?.textContent).toBe(
      'naturalistic.',
    );
  });

  it('send edits and take undo from the document', async () => {
    const { app, core } = await stage();
    render(Provide, { app, of: TakePanel });
    const view = editorOf('Style section');
    const before = view.state.doc.toString();
    view.dispatch({ changes: { from: 0, insert: 'Grainy. ' }, userEvent: 'input.type' });
    await flushAll();
    expect(asked(core, 'edit').at(-1)?.edit).toMatchObject({
      edit: 'write_section',
      section: 'style',
      text: `Grainy. ${before}`,
    });
    await app.document.undo();
    await waitFor(() => expect(view.state.doc.toString()).toBe(before));
  });

  it('keep the words being typed when an older view arrives', async () => {
    const { app, core } = await stage();
    render(Provide, { app, of: TakePanel });
    const view = editorOf('Style section');
    const old = app.document.view;
    view.dispatch({ changes: { from: 0, insert: 'Grainy. ' }, userEvent: 'input.type' });
    if (old) core.tell({ event: 'view', view: old });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(view.state.doc.toString().startsWith('Grainy. ')).toBe(true);
    await flushAll();
  });

  it('cannot be written while locked', async () => {
    const { app } = await stage();
    render(Provide, { app, of: TakePanel });
    await userEvent.click(screen.getByRole('button', { name: 'Lock Style' }));
    await waitFor(() => expect(editorOf('Style section').state.readOnly).toBe(true));
    expect(screen.getByRole('button', { name: 'Write Style again' })).toHaveProperty(
      'disabled',
      true,
    );
  });

  it('point at the card a phrase comes from', async () => {
    const { app } = await stage();
    const { container } = render(Provide, { app, of: TakePanel });
    const phrase = await waitFor(() => {
      const found = container.querySelector('[data-condition="14"]');
      if (!found) throw new Error('no mark yet');
      return found;
    });
    await fireEvent.mouseOver(phrase);
    expect(app.pointed).toBe(14);
  });

  it('put conflicts in front and count the budget', async () => {
    const { app } = await stage();
    render(Provide, { app, of: TakePanel });
    expect(screen.getByText('a still camera')).toBeTruthy();
    expect(await screen.findByRole('meter')).toBeTruthy();
    expect(await screen.findByText(/asks for a still camera/)).toBeTruthy();
  });
});

describe('the shot list', () => {
  it('renames, moves and removes with the keyboard', async () => {
    const { app, core } = await stage();
    render(Provide, { app, of: ShotList });
    screen.getByRole('button', { name: /Shot 1: Past the stalls/ }).focus();
    await userEvent.keyboard('{F2}');
    // The old name is selected: typing replaces it.
    await userEvent.keyboard('Opening{Enter}');
    await waitFor(() => expect(app.document.shots[0]?.name).toBe('Opening'));
    screen.getByRole('button', { name: /Shot 1: Opening/ }).focus();
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    await waitFor(() => expect(app.document.shots[1]?.name).toBe('Opening'));
    screen.getByRole('button', { name: /Shot 2: Opening/ }).focus();
    await userEvent.keyboard('{Delete}');
    await waitFor(() => expect(app.document.shots).toHaveLength(2));
    expect(asked(core, 'edit').map(({ edit }) => edit.edit)).toEqual([
      'rename_shot',
      'move_shot',
      'remove_shot',
    ]);
  });
});

describe('the tray', () => {
  it('explains a refused file in one sentence and does not stand in the way', async () => {
    const { app } = await stage();
    render(Provide, { app, of: Tray });
    await app.adder.add(['/f/notes.docx'], null);
    expect(await screen.findByText(/neither media, a camera path nor keypoints/)).toBeTruthy();
    expect(screen.queryByRole('dialog')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    await waitFor(() => expect(screen.queryByText(/neither media/)).toBeNull());
  });
});

describe('the export sheet', () => {
  it('writes for the chosen generators', async () => {
    const { app, core } = await stage();
    render(Provide, { app, of: ExportSheet, given: { onclose: () => undefined } });
    await userEvent.click(screen.getByRole('checkbox', { name: 'CogVideoX' }));
    await userEvent.click(screen.getByRole('radio', { name: /^JSON, one/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Write files' }));
    await screen.findByText(/One file written/);
    expect(asked(core, 'export')[0]).toMatchObject({
      generators: ['wan-2.2', 'cogvideox'],
      format: 'json',
      shot: 1,
    });
  });
});

describe('the window', () => {
  it('takes files dropped on it and undoes them with the keyboard', async () => {
    const core = new FakeCore({ pace: 1 });
    let hear: (drop: Drop) => void = () => undefined;
    const shell: Shell = {
      kind: 'fake',
      core,
      dialogs: null,
      listenDrops: (listener) => {
        hear = listener;
        return () => undefined;
      },
      title: () => undefined,
      painted: () => undefined,
      beforeClose: () => () => undefined,
    };
    render(Window, { shell });
    await screen.findByRole('navigation', { name: 'Shots' });
    hear({ at: 'over', x: 300, y: 300 });
    expect(await screen.findByText(/^Drop (anywhere|to add)/)).toBeTruthy();
    hear({ at: 'drop', x: -900, y: -900, paths: ['/f/ana.png', '/f/walk_pose.mp4', '/f/a.docx'] });
    await screen.findByText('2 cards added.');
    expect(core.project?.shots[0]?.conditions).toHaveLength(7);
    await userEvent.keyboard('{Control>}z{/Control}');
    await waitFor(() => expect(core.project?.shots[0]?.conditions).toHaveLength(5));
  });
});
