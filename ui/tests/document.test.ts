import { describe, expect, it, vi } from 'vitest';
import { FakeCore } from '$lib/core/fake/core';
import { Draft } from '$lib/state/draft';
import { asked, stage } from './helpers';

describe('the document', () => {
  it('opens on what the core has open', async () => {
    const { app } = await stage();
    expect(app.document.opening.state).toBe('open');
    expect(app.document.shot?.name).toBe('Past the stalls');
    expect(app.document.take?.name).toBe('Take 2');
  });

  it('offers a start where nothing is open, and opens the sample', async () => {
    const { app } = await stage(new FakeCore({ project: null }));
    expect(app.document.opening.state).toBe('none');
    await app.document.open({ do: 'open_sample' });
    expect(app.document.opening.state).toBe('open');
  });

  it('sends words still being typed before it undoes', async () => {
    const { app, core } = await stage();
    const shot = app.document.shot?.id ?? 0;
    const draft = new Draft({
      name: 'prompt',
      send: (prompt, gesture) => app.document.write({ edit: 'set_prompt', shot, prompt }, gesture),
    });
    draft.type('half a word');
    await app.document.undo();
    expect(
      core.asked.map((request) => request.do).filter((what) => what === 'edit' || what === 'undo'),
    ).toEqual(['edit', 'undo']);
    expect(app.document.shot?.prompt).not.toBe('half a word');
    draft.drop();
  });

  it('keeps edits in order', async () => {
    const { app } = await stage();
    const shot = app.document.shot?.id ?? 0;
    await Promise.all(
      ['a', 'b', 'c'].map((name) => app.document.edit({ edit: 'rename_shot', shot, name })),
    );
    expect(app.document.shot?.name).toBe('c');
  });

  it('goes on after an edit that was refused, and says why', async () => {
    const { app } = await stage();
    expect(await app.document.edit({ edit: 'rename_shot', shot: 999, name: 'x' })).toBe(false);
    expect(app.notices.list.at(-1)?.text).toBe('This shot is no longer there.');
    const shot = app.document.shot?.id ?? 0;
    expect(await app.document.edit({ edit: 'rename_shot', shot, name: 'y' })).toBe(true);
  });

  it('turns to a shot that was just added', async () => {
    const { app } = await stage();
    await app.document.edit({ edit: 'add_shot', name: 'New one' });
    expect(app.document.shot?.name).toBe('New one');
  });

  it('says once that saving failed', async () => {
    const { app, core } = await stage();
    const view = app.document.view;
    if (!view) throw new Error('nothing is open');
    const failed = {
      state: 'failed',
      fault: { code: 'disk_full', message: 'The disk is full.' },
    } as const;
    core.tell({ event: 'view', view: { ...view, save: failed } });
    core.tell({ event: 'view', view: { ...view, save: failed } });
    expect(app.notices.list.filter((notice) => notice.text === 'The disk is full.')).toHaveLength(
      1,
    );
  });
});

describe('interpreting', () => {
  it('streams trace and sections and ends with a new take', async () => {
    const { app } = await stage(new FakeCore({ pace: 60 }));
    const before = app.document.shot?.takes.length ?? 0;
    const run = app.interpreter.run(1);
    await vi.waitFor(() => {
      const now = app.interpreter.now;
      expect(
        now.state === 'running' && now.trace !== null && now.sections.dense !== undefined,
      ).toBe(true);
    });
    await run;
    expect(app.interpreter.now.state).toBe('idle');
    expect(app.document.shot?.takes.length).toBe(before + 1);
  });

  it('is cancelled once, and leaves the takes alone', async () => {
    const { app, core } = await stage(new FakeCore({ pace: 15 }));
    const before = app.document.shot?.takes.length;
    const run = app.interpreter.run(1);
    await vi.waitFor(() =>
      expect(app.interpreter.now.state === 'running' && app.interpreter.now.progress).toBeTruthy(),
    );
    expect(app.interpreter.cancel()).toBe(true);
    expect(app.interpreter.cancel()).toBe(false);
    await run;
    expect(asked(core, 'cancel')).toHaveLength(1);
    expect(app.document.shot?.takes.length).toBe(before);
  });

  it('asks for one section alone when it is to be written again', async () => {
    const { app, core } = await stage();
    await app.interpreter.run(1, ['camera']);
    expect(asked(core, 'interpret')[0]?.sections).toEqual(['camera']);
  });
});

describe('adding files', () => {
  it('guesses, adds several as one request and offers undo', async () => {
    const { app, core } = await stage();
    await app.adder.add(['/f/ana.png', '/f/path.txt'], null);
    const [request] = asked(core, 'add');
    expect(request?.files.map((file) => file.kind)).toEqual(['identity', 'camera']);
    expect(app.notices.list.at(-1)?.action?.label).toBe('Undo');
  });

  it('explains what cannot be used and adds the rest', async () => {
    const { app, core } = await stage();
    await app.adder.add(['/f/notes.docx', '/f/ana.png'], null);
    expect(asked(core, 'add')[0]?.files).toHaveLength(1);
    const refused = app.notices.list.find((notice) => notice.title === 'notes.docx');
    expect(refused?.text).toMatch(/neither media/);
  });

  it('asks for nothing when every file is refused', async () => {
    const { app, core } = await stage();
    await app.adder.add(['/f/notes.docx'], null);
    expect(asked(core, 'add')).toHaveLength(0);
    expect(app.adder.now.state).toBe('idle');
  });
});
