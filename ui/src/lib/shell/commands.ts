/** What each command does. */
import { addFiles } from './files';
import type { App } from '../state/app.svelte';
import type { Command } from './shortcuts';

/** What only the window can do. */
export interface Actions {
  focusPrompt: () => void;
  movePanel: (by: 1 | -1) => void;
}

/** Leaves the models panel or a reading, where one is open. */
function leave(app: App): boolean {
  if (app.overlay === 'models') app.overlay = 'none';
  else if (app.opened !== null) app.close();
  else return false;
  return true;
}

/** The card that is meant: in focus, else under the pointer, else the first. */
function meant(app: App): number | null {
  const focused = window.document.activeElement?.closest<HTMLElement>('[data-condition]');
  const ids = [Number(focused?.dataset.condition ?? NaN), app.pointed];
  const found = ids.find((id) => id !== null && app.condition(id) !== null);
  return found ?? app.document.shot?.conditions[0]?.id ?? null;
}

/** Whether the command had something to do. */
export function perform(command: Command, app: App, actions: Actions): boolean {
  const { document, playhead } = app;
  const shot = document.shot;
  switch (command) {
    case 'undo':
      void document.undo();
      return true;
    case 'redo':
      void document.redo();
      return true;
    case 'save':
      void document.save();
      return true;
    case 'interpret':
      if (shot) void app.interpreter.run(shot.id);
      return true;
    case 'cancel':
      return app.interpreter.cancel() || app.adder.cancel() || leave(app);
    case 'add_files':
      void addFiles(app, null);
      return true;
    case 'export':
      app.overlay = 'export';
      return true;
    case 'new_shot':
      void document.edit({ edit: 'add_shot', name: `Shot ${document.shots.length + 1}` });
      return true;
    case 'duplicate_shot':
      if (shot) void document.edit({ edit: 'duplicate_shot', shot: shot.id });
      return true;
    case 'previous_shot':
    case 'next_shot': {
      const at = document.shots.findIndex((other) => other.id === shot?.id);
      const next = document.shots[at + (command === 'next_shot' ? 1 : -1)];
      if (next) document.chooseShot(next.id);
      return true;
    }
    case 'focus_prompt':
      actions.focusPrompt();
      return true;
    case 'play':
      playhead.toggle();
      return true;
    case 'back':
      playhead.step(-1);
      return true;
    case 'forward':
      playhead.step(1);
      return true;
    case 'back_ten':
      playhead.step(-10);
      return true;
    case 'forward_ten':
      playhead.step(10);
      return true;
    case 'start':
      playhead.pause();
      playhead.seek(0);
      return true;
    case 'end':
      playhead.pause();
      playhead.seek(playhead.duration_s);
      return true;
    case 'next_panel':
      actions.movePanel(1);
      return true;
    case 'previous_panel':
      actions.movePanel(-1);
      return true;
    case 'fit_canvas':
      app.fitCanvas();
      return true;
    case 'reading': {
      const condition = meant(app);
      if (app.opened !== null) app.close();
      else if (condition !== null) app.open(condition);
      return condition !== null;
    }
    case 'compare':
      if ((shot?.takes.length ?? 0) > 1) app.overlay = 'compare';
      return true;
    case 'models':
      app.overlay = app.overlay === 'models' ? 'none' : 'models';
      return true;
    case 'shortcuts':
      app.overlay = 'shortcuts';
      return true;
  }
}
