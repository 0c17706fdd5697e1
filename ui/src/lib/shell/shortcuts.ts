/** The table of shortcuts: what the keyboard does, and what `?` shows. */

export type Command =
  | 'undo'
  | 'redo'
  | 'interpret'
  | 'cancel'
  | 'save'
  | 'add_files'
  | 'export'
  | 'new_shot'
  | 'duplicate_shot'
  | 'play'
  | 'back'
  | 'forward'
  | 'back_ten'
  | 'forward_ten'
  | 'start'
  | 'end'
  | 'next_panel'
  | 'previous_panel'
  | 'shortcuts'
  | 'focus_prompt'
  | 'fit_canvas'
  | 'reading'
  | 'compare'
  | 'models'
  | 'next_shot'
  | 'previous_shot';

export interface Shortcut {
  command: Command;
  /** `Mod` is Ctrl, or Cmd on a Mac. */
  keys: string[];
  says: string;
  group: 'Document' | 'Shot' | 'Playhead' | 'Window';
  /** Whether it also works while writing. */
  inText: boolean;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { command: 'undo', keys: ['Mod+Z'], says: 'Undo', group: 'Document', inText: true },
  {
    command: 'redo',
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    says: 'Redo',
    group: 'Document',
    inText: true,
  },
  { command: 'save', keys: ['Mod+S'], says: 'Save now', group: 'Document', inText: true },
  {
    command: 'export',
    keys: ['Mod+E'],
    says: 'Export prompt files',
    group: 'Document',
    inText: true,
  },
  {
    command: 'add_files',
    keys: ['Mod+O'],
    says: 'Add files to the shot',
    group: 'Shot',
    inText: true,
  },
  { command: 'new_shot', keys: ['Mod+Shift+N'], says: 'New shot', group: 'Shot', inText: true },
  {
    command: 'duplicate_shot',
    keys: ['Mod+D'],
    says: 'Duplicate the shot',
    group: 'Shot',
    inText: true,
  },
  {
    command: 'previous_shot',
    keys: ['PageUp'],
    says: 'Previous shot',
    group: 'Shot',
    inText: false,
  },
  { command: 'next_shot', keys: ['PageDown'], says: 'Next shot', group: 'Shot', inText: false },
  {
    command: 'focus_prompt',
    keys: ['Mod+P'],
    says: 'Go to the prompt',
    group: 'Shot',
    inText: true,
  },
  { command: 'interpret', keys: ['Mod+Enter'], says: 'Interpret', group: 'Shot', inText: true },
  {
    command: 'cancel',
    keys: ['Escape'],
    says: 'Cancel the running work',
    group: 'Shot',
    inText: true,
  },
  { command: 'play', keys: ['Space'], says: 'Play or pause', group: 'Playhead', inText: false },
  {
    command: 'back',
    keys: ['ArrowLeft'],
    says: 'One frame back',
    group: 'Playhead',
    inText: false,
  },
  {
    command: 'forward',
    keys: ['ArrowRight'],
    says: 'One frame on',
    group: 'Playhead',
    inText: false,
  },
  {
    command: 'back_ten',
    keys: ['Shift+ArrowLeft'],
    says: 'Ten frames back',
    group: 'Playhead',
    inText: false,
  },
  {
    command: 'forward_ten',
    keys: ['Shift+ArrowRight'],
    says: 'Ten frames on',
    group: 'Playhead',
    inText: false,
  },
  { command: 'start', keys: ['Home'], says: 'To the start', group: 'Playhead', inText: false },
  { command: 'end', keys: ['End'], says: 'To the end', group: 'Playhead', inText: false },
  { command: 'next_panel', keys: ['F6'], says: 'Next panel', group: 'Window', inText: true },
  {
    command: 'previous_panel',
    keys: ['Shift+F6'],
    says: 'Previous panel',
    group: 'Window',
    inText: true,
  },
  { command: 'fit_canvas', keys: ['F'], says: 'Fit the canvas', group: 'Window', inText: false },
  {
    command: 'reading',
    keys: ['R'],
    says: 'Open or close a card’s reading',
    group: 'Window',
    inText: false,
  },
  { command: 'compare', keys: ['Mod+K'], says: 'Compare takes', group: 'Window', inText: true },
  { command: 'models', keys: ['Mod+M'], says: 'Models', group: 'Window', inText: true },
  { command: 'shortcuts', keys: ['?'], says: 'This list', group: 'Window', inText: false },
];

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** "Mod+Shift+Z" as it comes from the keyboard. */
export function chord(press: KeyPress): string {
  let key = press.key === ' ' ? 'Space' : press.key;
  if (key.length === 1) key = key.toUpperCase();
  const parts: string[] = [];
  if (press.ctrlKey || press.metaKey) parts.push('Mod');
  if (press.altKey) parts.push('Alt');
  // A sign such as "?" already holds its Shift.
  if (press.shiftKey && (key.length > 1 || /[A-Z0-9]/.test(key))) parts.push('Shift');
  return [...parts, key].join('+');
}

export function commandFor(press: KeyPress, inText: boolean): Command | null {
  const pressed = chord(press);
  const found = SHORTCUTS.find((shortcut) => shortcut.keys.includes(pressed));
  return found && (found.inText || !inText) ? found.command : null;
}

/** "Ctrl+Z" or "⌘Z". */
export function keyText(keys: string, mac: boolean): string {
  const named = keys
    .replace('ArrowLeft', '←')
    .replace('ArrowRight', '→')
    .replace('PageUp', 'Page up')
    .replace('PageDown', 'Page down')
    .replace('Escape', 'Esc');
  return mac
    ? named.replace('Mod+', '⌘').replace('Shift+', '⇧').replace('Alt+', '⌥')
    : named.replace('Mod', 'Ctrl');
}

/** Whether a key press is meant for writing. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('[contenteditable="true"]')) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement &&
    !['checkbox', 'radio', 'button', 'range'].includes(target.type)
  );
}

/** Whether a control has its own use for the key (a button for space, a menu for arrows). */
export function ownsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const role = target.getAttribute('role') ?? '';
  if (key === ' ' || key === 'Enter') {
    return (
      target instanceof HTMLButtonElement ||
      target.tagName === 'SUMMARY' ||
      ['button', 'menuitem', 'tab', 'option', 'checkbox'].includes(role) ||
      target instanceof HTMLInputElement
    );
  }
  if (key.startsWith('Arrow') || key === 'Home' || key === 'End') {
    return (
      ['menuitem', 'tab', 'option', 'slider', 'menu', 'listbox', 'separator', 'radio'].includes(
        role,
      ) || target.closest('[data-own-arrows]') !== null
    );
  }
  return false;
}
