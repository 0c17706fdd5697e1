// The window without a mouse, and for those who hear it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { scenario } from '../support/browser.mjs';
import { writeSet } from '../support/media.mjs';
import { eventually } from '../support/waiting.mjs';

const focused = (locator) => locator.evaluate((element) => element.contains(document.activeElement));

scenario('new shot, prompt, interpret, edit and export by keyboard alone', async (scene) => {
  await scene.newProject();
  await scene.open();
  const { window, page } = scene;
  await window.ready();
  const press = (keys) => page.keyboard.press(keys);
  await press('Control+Shift+N');
  const shots = page.getByRole('navigation', { name: 'Shots' });
  await shots.getByRole('button', { name: /^Shot 2: / }).waitFor();
  await eventually('the new shot is the current one', async () => {
    const current = shots.getByRole('button', { name: /^Shot 2: / });
    return (await current.getAttribute('aria-current')) === 'true';
  });
  await press('Control+p');
  await eventually('the prompt has the focus', () => focused(window.prompt));
  await page.keyboard.type('A lighthouse keeper climbs the stairs at night, the camera tilts up');
  await press('Control+Enter');
  await window.written();
  // From panel to panel with F6, to the take.
  for (let count = 0; count < 8 && !(await focused(window.take)); count += 1) await press('F6');
  assert.ok(await focused(window.take), 'F6 comes to the take');
  await window.tabTo(window.section('Style'));
  await press('Control+End');
  await page.keyboard.type(' Salt on the glass.');
  await eventually('the words stand there', async () => (await window.words('Style')).endsWith('Salt on the glass.'));
  await press('Control+s');
  await window.saved();
  await press('Control+z');
  await eventually('undone', async () => !(await window.words('Style')).includes('Salt'));
  await press('Control+Shift+Z');
  await eventually('done again', async () => (await window.words('Style')).endsWith('Salt on the glass.'));
  await press('Control+e');
  const dialog = window.dialog('Export prompt files');
  await dialog.waitFor();
  const folder = dialog.getByRole('textbox', { name: 'Folder' });
  await window.tabTo(folder);
  await press('Control+a');
  await page.keyboard.insertText(scene.path('out'));
  await press('Enter');
  await dialog.getByText(/One file written/).waitFor();
  const [file] = readdirSync(scene.path('out')).filter((name) => name.endsWith('.txt'));
  assert.match(readFileSync(scene.path('out', file), 'utf8'), /Salt on the glass\./);
  await press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

scenario('menus, tabs and the playhead answer the keyboard', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject('--prompt', 'A woman walks');
  await scene.open();
  const { window, page } = scene;
  await window.ready();
  await window.drop(window.canvas, [files.camera]);
  await window.card('Camera', 'truck').waitFor();
  const playhead = page.getByRole('slider', { name: 'Playhead' });
  await playhead.focus();
  await page.keyboard.press('End');
  const end = await eventually('it is at the end', async () => {
    const now = Number(await playhead.getAttribute('aria-valuenow'));
    return now > 0 && now;
  });
  await page.keyboard.press('ArrowLeft');
  await eventually('one frame back', async () => Number(await playhead.getAttribute('aria-valuenow')) === end - 1);
  await page.keyboard.press('Home');
  await eventually('at the start', async () => (await playhead.getAttribute('aria-valuenow')) === '0');
  // A card's menu, opened and used without a mouse.
  await window.card('Camera', 'truck').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Rename' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('menuitem', { name: 'Rename' }).waitFor({ state: 'detached' });
  await window.interpret();
  const tabs = window.take.getByRole('tab');
  await tabs.first().focus();
  await page.keyboard.press('ArrowRight');
  await window.take.getByRole('tabpanel', { name: 'Trace' }).waitFor();
  // The list of shortcuts.
  await window.bar.getByRole('button', { name: 'Shortcuts' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('Export prompt files').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

/** Every control a person can reach, with what it is called. Runs in the page. */
function nameless() {
  const controls =
    'button, input:not([type=hidden]), select, textarea, a[href], summary, [contenteditable=true], ' +
    '[role=button], [role=textbox], [role=slider], [role=tab], [role=menuitem], [role=checkbox], ' +
    '[role=meter], [role=progressbar], [role=img], [role=dialog], [tabindex="0"], img, dialog, section, nav, aside';
  const text = (id) => document.getElementById(id)?.textContent?.trim() ?? '';
  const words = (element) => {
    // What is hidden from those who hear is not heard.
    const copy = element.cloneNode(true);
    for (const hidden of copy.querySelectorAll('[aria-hidden=true], svg')) hidden.remove();
    return copy.textContent.trim();
  };
  const named = (element) => {
    if (element.getAttribute('aria-label')?.trim()) return true;
    const by = element.getAttribute('aria-labelledby');
    if (by && by.split(/\s+/).some(text)) return true;
    if (element instanceof HTMLImageElement) return element.hasAttribute('alt');
    if (element.labels && [...element.labels].some((label) => words(label))) return true;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName)) return Boolean(element.getAttribute('title')?.trim());
    return Boolean(words(element) || element.getAttribute('title')?.trim());
  };
  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) &&
    element.closest('[aria-hidden=true], [inert]') === null;
  const outer = (element) => element.cloneNode(false).outerHTML.slice(0, 160);
  const found = [...document.querySelectorAll(controls)].filter(shown);
  const bad = found.filter((element) => !named(element)).map((element) => `no name: ${outer(element)}`);
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  for (const id of new Set(twice)) bad.push(`two elements are called #${id}`);
  for (const element of document.querySelectorAll('button button, a button, button a, button input')) {
    bad.push(`a control within a control: ${outer(element)}`);
  }
  for (const element of document.querySelectorAll('[tabindex]')) {
    if (element.tabIndex > 0) bad.push(`its own order of Tab: ${outer(element)}`);
  }
  if (!document.documentElement.lang) bad.push('the page does not say its language');
  if (!document.title.trim()) bad.push('the page has no title');
  return { count: found.length, bad };
}

scenario('everything that can be reached has a name', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject('--prompt', 'A woman walks, static camera');
  await scene.open();
  const { window, page } = scene;
  await window.ready();
  const audit = async (where, least) => {
    const { count, bad } = await page.evaluate(nameless);
    assert.ok(count >= least, `${where}: ${count} controls were looked at`);
    assert.deepEqual(bad, [], where);
  };
  await audit('an empty shot', 20);
  await window.drop(window.canvas, [files.camera, files.pose]);
  await window.card('Camera', 'truck').getByText(/trucks right/).waitFor();
  await window.card('Pose', 'walk').waitFor();
  await audit('two cards', 40);
  await window.card('Camera', 'truck').getByRole('button', { name: 'Open the reading of truck' }).click();
  const reading = window.region('Reading of truck');
  await reading.getByRole('region', { name: 'In words' }).waitFor();
  await reading.getByRole('button', { name: /trucks right/ }).first().click();
  await audit('an open reading', 36);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await window.card('Camera', 'truck').waitFor();
  await window.interpret();
  await audit('a take', 60);
  await window.take.getByRole('tab', { name: 'Trace' }).click();
  await audit('the trace', 40);
  await window.take.getByRole('tab', { name: 'Prompt' }).click();
  await audit('the prompt', 40);
  await page.keyboard.press('Control+e');
  await window.dialog('Export prompt files').waitFor();
  await audit('the export', 60);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+o');
  await window.dialog('Add files to the shot').waitFor();
  await audit('the panel', 40);
  await page.keyboard.press('Escape');
  await window.dialog('Add files to the shot').waitFor({ state: 'detached' });
  await window.bar.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menu').waitFor();
  await audit('a menu', 10);
});
