// The window as a person finds their way in it: by role and name, never by how it is built.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './waiting.mjs';

export class WindowPage {
  constructor(page) {
    this.page = page;
  }

  // Where things are.

  region(name) {
    return this.page.getByRole('region', { name, exact: true });
  }

  get canvas() {
    return this.region('Canvas');
  }

  zone(title) {
    return this.canvas.getByRole('region', { name: title, exact: true });
  }

  card(kind, name) {
    return this.canvas.getByRole('article', { name: `${kind}: ${name}`, exact: true });
  }

  get cards() {
    return this.canvas.getByRole('article');
  }

  get prompt() {
    return this.page.getByRole('textbox', { name: 'Prompt', exact: true });
  }

  get take() {
    return this.page.getByRole('complementary', { name: 'Take' });
  }

  section(title) {
    return this.take.getByRole('textbox', { name: `${title} section`, exact: true });
  }

  get messages() {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  get interpretButton() {
    return this.region('Prompt').getByRole('button', { name: 'Interpret', exact: true });
  }

  /** The project's bar; a message may have an “Undo” of its own. */
  get bar() {
    return this.page.getByRole('banner', { name: 'Project' });
  }

  get undo() {
    return this.bar.getByRole('button', { name: 'Undo', exact: true });
  }

  get redo() {
    return this.bar.getByRole('button', { name: 'Redo', exact: true });
  }

  dialog(name) {
    return this.page.getByRole('dialog', { name, exact: true });
  }

  // What can be done.

  /** Waits until the project is there and everything is on disk. */
  async ready() {
    await this.prompt.waitFor();
    await this.saved();
  }

  async saved() {
    await this.page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
  }

  async says(text) {
    await this.messages.getByText(text).first().waitFor();
  }

  /**
   * Drops files on a place of the window as the system's file manager does: the same events
   * with real File objects.
   */
  async drop(target, files) {
    const box = await target.boundingBox();
    assert.ok(box, 'the place to drop on is on screen');
    await this.page.evaluate(
      ({ at, files }) => {
        const data = new DataTransfer();
        for (const { name, base64 } of files) {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          data.items.add(new File([bytes], name));
        }
        const under = document.elementFromPoint(at.x, at.y) ?? document.body;
        for (const kind of ['dragenter', 'dragover', 'drop']) {
          under.dispatchEvent(
            new DragEvent(kind, {
              bubbles: true,
              cancelable: true,
              composed: true,
              clientX: at.x,
              clientY: at.y,
              dataTransfer: data,
            }),
          );
        }
      },
      {
        at: { x: box.x + box.width / 2, y: box.y + box.height / 2 },
        files: files.map((file) => ({
          name: path.basename(file),
          base64: readFileSync(file).toString('base64'),
        })),
      },
    );
  }

  /** Chooses an entry of a menu. */
  async choose(menu, entry) {
    await this.page.getByRole('button', { name: menu }).click();
    await this.page.getByRole('menuitem', { name: entry }).click();
  }

  /** Interprets, and waits until the take's words are there. */
  async interpret() {
    await this.interpretButton.click();
    await this.written();
  }

  /** Waits until no interpretation runs and all six sections hold words. */
  async written() {
    await this.interpretButton.waitFor();
    await eventually('the six sections are written', async () => {
      const words = await Promise.all(SECTIONS.map((title) => this.words(title)));
      return words.every((text) => text.length > 0);
    });
  }

  /** The words of a section as they stand in its editor. */
  async words(title) {
    // An empty editor shows its hint, which is no word of the caption.
    const lines = this.section(title).locator('.cm-line');
    const texts = await lines.evaluateAll((lines) =>
      lines.map((line) => {
        const copy = line.cloneNode(true);
        for (const hint of copy.querySelectorAll('.cm-placeholder')) hint.remove();
        return copy.textContent;
      }),
    );
    return texts.join('\n').trim();
  }

  /** Adds words at the end of a section in one go, as a paste or an input method does. */
  async append(title, text) {
    await this.section(title).click();
    await this.page.keyboard.press('Control+End');
    await this.page.keyboard.insertText(text);
  }

  /** Takes the keyboard's focus from wherever it is to a control, by Tab alone. */
  async tabTo(locator, most = 80) {
    for (let count = 0; count < most; count += 1) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab never comes to ${locator}`);
  }
}

export const SECTIONS = ['Dense', 'Main object', 'Background', 'Camera', 'Style', 'Action'];
export const SECTION_KEYS = ['dense', 'main_object', 'background', 'camera', 'style', 'action'];
