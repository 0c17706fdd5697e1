import { describe, expect, it } from 'vitest';
import {
  chord,
  commandFor,
  isWriting,
  keyText,
  ownsKey,
  SHORTCUTS,
  type KeyPress,
} from '$lib/shell/shortcuts';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe('shortcuts', () => {
  it('gives every key one meaning', () => {
    const keys = SHORTCUTS.flatMap((shortcut) => shortcut.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('undoes and redoes the document, also while writing', () => {
    expect(commandFor(press('z', { ctrlKey: true }), true)).toBe('undo');
    expect(commandFor(press('Z', { ctrlKey: true, shiftKey: true }), true)).toBe('redo');
    expect(commandFor(press('z', { metaKey: true }), true)).toBe('undo');
    expect(commandFor(press('Enter', { metaKey: true }), true)).toBe('interpret');
  });

  it('leaves single keys to the words being written', () => {
    for (const key of [' ', 'ArrowLeft', 'Home', '?', 'f'])
      expect(commandFor(press(key), true)).toBeNull();
    expect(commandFor(press(' '), false)).toBe('play');
    expect(commandFor(press('?', { shiftKey: true }), false)).toBe('shortcuts');
    expect(commandFor(press('ArrowRight', { shiftKey: true }), false)).toBe('forward_ten');
  });

  it('does not take Alt for nothing', () => {
    expect(chord(press('ArrowLeft', { altKey: true }))).toBe('Alt+ArrowLeft');
    expect(commandFor(press('ArrowLeft', { altKey: true }), false)).toBeNull();
  });

  it('knows what is for writing and what has its own use for a key', () => {
    const area = document.createElement('textarea');
    const box = document.createElement('input');
    box.type = 'checkbox';
    const button = document.createElement('button');
    expect(isWriting(area)).toBe(true);
    expect(isWriting(box)).toBe(false);
    expect(isWriting(button)).toBe(false);
    expect(ownsKey(button, ' ')).toBe(true);
    expect(ownsKey(button, 'ArrowLeft')).toBe(false);
  });

  it('writes keys as the system does', () => {
    expect(keyText('Mod+Shift+Z', true)).toBe('⌘⇧Z');
    expect(keyText('Mod+Enter', false)).toBe('Ctrl+Enter');
  });
});
