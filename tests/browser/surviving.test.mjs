// Nothing a person did is lost: not by a reload, not by another project, not by a crash.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { runWell } from '../support/command.mjs';
import { scenario } from '../support/browser.mjs';
import { writeSet } from '../support/media.mjs';
import { eventually } from '../support/waiting.mjs';

scenario('a reload and a new browser find everything as it was', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject('--prompt', 'A woman walks past market stalls');
  await scene.open();
  const { page } = scene;
  await scene.window.ready();
  await scene.window.drop(scene.window.canvas, [files.camera]);
  await scene.window.card('Camera', 'truck').waitFor();
  await scene.window.interpret();
  await scene.window.append('Style', ' Rain on the lens.');
  await scene.window.saved();
  const style = await scene.window.words('Style');
  assert.match(style, /Rain on the lens\.$/);
  await page.reload();
  await scene.window.ready();
  await scene.window.card('Camera', 'truck').waitFor();
  assert.equal(await scene.window.words('Style'), style);
  assert.ok(!page.url().includes('token'), 'the token is not left in the address');
  // Undo goes on where it was: the history is the core's, not the page's.
  await eventually('undo is there', () => scene.window.undo.isEnabled());
  await scene.show();
  await scene.window.ready();
  await eventually('the words in a new browser', async () => (await scene.window.words('Style')) === style);
  assert.equal(await scene.window.prompt.inputValue(), 'A woman walks past market stalls');
});

scenario('words typed just before the page is closed arrive', async (scene) => {
  await scene.newProject();
  await scene.open();
  await scene.window.ready();
  await scene.window.prompt.click();
  await scene.page.keyboard.insertText('A dog waits under a bench');
  await scene.page.close({ runBeforeUnload: true });
  await scene.onDisk('the words', (project) => project.shots[0].prompt === 'A dog waits under a bench');
});

scenario('another project is made and the first opened again, in the panel', async (scene) => {
  await scene.newProject('--prompt', 'A woman walks');
  await scene.open();
  const { window, page } = scene;
  await window.ready();
  await window.prompt.fill('A woman walks home');
  await scene.onDisk('the words', (project) => project.shots[0].prompt === 'A woman walks home');
  mkdirSync(scene.path('films'));
  await window.choose('Project menu', 'New project…');
  const where = window.dialog('Choose where the project folder goes');
  const folder = where.getByRole('textbox', { name: 'Folder' });
  await eventually('the panel shows a folder', async () => (await folder.inputValue()) !== '');
  await folder.fill(scene.path('films'));
  await page.keyboard.press('Enter');
  await where.getByText('Nothing here that could be chosen.').waitFor();
  await where.getByRole('button', { name: 'Use this folder' }).click();
  await eventually('the new project is open', async () => (await window.prompt.inputValue()) === '');
  await eventually('it lies on disk', () => existsSync(scene.path('films', 'Untitled.decoupage', 'project.json')));
  await window.choose('Project menu', 'Open project…');
  const open = window.dialog('Open a project folder');
  const path = open.getByRole('textbox', { name: 'Folder' });
  await eventually('the panel shows a folder', async () => (await path.inputValue()) !== '');
  await path.fill(scene.folder);
  await page.keyboard.press('Enter');
  await open.getByRole('button', { name: 'Test.decoupage' }).click();
  await eventually('the first project is open', async () => {
    return (await window.prompt.inputValue()) === 'A woman walks home';
  });
});

scenario('an edit survives the end of the process a second later', async (scene) => {
  await scene.newProject();
  await scene.open();
  await scene.window.ready();
  await scene.window.prompt.click();
  await scene.page.keyboard.insertText('A lamp swings in the rain');
  // As long as a person needs to see “Saved”; then the power goes.
  await scene.onDisk('the words', (project) => project.shots[0].prompt === 'A lamp swings in the rain');
  await scene.window.saved();
  scene.allow(/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load resource/);
  await scene.server.kill();
  await scene.open();
  await scene.window.ready();
  assert.equal(await scene.window.prompt.inputValue(), 'A lamp swings in the rain');
  // And the project is no worse for it.
  await scene.window.prompt.fill('A lamp swings in the storm');
  await scene.onDisk('further words', (project) => project.shots[0].prompt.endsWith('storm'));
});

scenario('a project cut short on disk is recovered from its backup, and says so', async (scene) => {
  const { readFileSync, writeFileSync } = await import('node:fs');
  await scene.newProject('--prompt', 'A woman walks');
  // A second save makes a backup of the first.
  const files = writeSet(scene.folder);
  await runWell(scene.folder, 'add', scene.project, files.camera);
  const document = `${scene.project}/project.json`;
  const text = readFileSync(document);
  writeFileSync(document, text.subarray(0, text.length / 2));
  await scene.open();
  await scene.window.ready();
  assert.equal(await scene.window.prompt.inputValue(), 'A woman walks');
  await scene.window.messages.getByText(/backup|recover|damaged/i).first().waitFor();
});

scenario('a file that went away is missed, and found again by its content', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await runWell(scene.folder, 'add', scene.project, files.camera, '--link');
  mkdirSync(scene.path('moved', 'deep'), { recursive: true });
  renameSync(files.camera, scene.path('moved', 'deep', 'other-name.txt'));
  await scene.open();
  const { window, page } = scene;
  await window.ready();
  const card = window.card('Camera', 'truck');
  await card.getByText('The file is not where it was.').waitFor();
  await window.choose('Project menu', /Find 1 missing file/);
  const dialog = window.dialog('Look for missing files in');
  const folder = dialog.getByRole('textbox', { name: 'Folder' });
  await eventually('the panel shows a folder', async () => (await folder.inputValue()) !== '');
  await folder.fill(scene.path('moved'));
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'deep' }).waitFor();
  await dialog.getByRole('button', { name: 'Use this folder' }).click();
  await window.says(/1 found again/);
  await card.getByText(/trucks right/).waitFor();
});
