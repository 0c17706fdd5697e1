// Files on their way into a shot.
import assert from 'node:assert/strict';
import { scenario } from '../support/browser.mjs';
import { writeSet } from '../support/media.mjs';
import { eventually } from '../support/waiting.mjs';

scenario('files dropped on the canvas become cards of the right kind', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await scene.open();
  const { window } = scene;
  await window.ready();
  await window.drop(window.zone('Identities'), [files.portrait, files.second]);
  await window.card('Identity', 'Mara').waitFor();
  await window.card('Identity', 'Jon').waitFor();
  await window.drop(window.zone('Pose'), [files.pose]);
  await window.card('Pose', 'walk').waitFor();
  // Dropped where it does not belong, it goes where it does, and the window says so.
  await window.drop(window.zone('Depth'), [files.camera]);
  await window.card('Camera', 'truck').waitFor();
  await window.says(/looks like a camera .*not under Depth/);
  assert.equal(await window.cards.count(), 4);
  // The cards say what was measured in them.
  await window.card('Camera', 'truck').getByText(/trucks right/).waitFor();
  await window.card('Camera', 'truck').getByRole('img', { name: 'Camera path, top view' }).waitFor();
  await window.saved();
  await scene.onDisk('four conditions with copies of their media', (project) => {
    const conditions = project.shots[0].conditions;
    assert.equal(conditions.length, 4);
    for (const { media } of conditions) assert.ok(!media.path.startsWith('/'), media.path);
    return true;
  });
});

scenario('files that cannot be used are explained, and the others are added', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await scene.open();
  const { window } = scene;
  await window.ready();
  await window.drop(window.canvas, [files.text, files.camera, files.empty]);
  await window.card('Camera', 'truck').waitFor();
  await window.says(/This file is empty\./);
  await window.says(/This is text, not a camera path or keypoints\./);
  await window.messages.getByText('notes.mp4').first().waitFor();
  await window.messages.getByText('empty.png').first().waitFor();
  assert.equal(await window.cards.count(), 1);
  // And the window goes on.
  await window.prompt.fill('A dog waits');
  await window.saved();
});

scenario('files are added through the panel, by keyboard alone', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await scene.open();
  const { window, page } = scene;
  await window.ready();
  await page.keyboard.press('Control+o');
  const dialog = window.dialog('Add files to the shot');
  await dialog.waitFor();
  // The folder's name is typed; the panel begins at home.
  const folder = dialog.getByRole('textbox', { name: 'Folder' });
  await eventually('the panel shows a folder', async () => (await folder.inputValue()) !== '');
  await eventually('the folder has the focus', () =>
    folder.evaluate((element) => element === document.activeElement),
  );
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(scene.folder);
  await page.keyboard.press('Enter');
  const entry = dialog.getByRole('button', { name: 'truck.txt' });
  await entry.waitFor();
  await window.tabTo(entry);
  await page.keyboard.press('Space');
  await window.tabTo(dialog.getByRole('button', { name: 'Choose', exact: true }));
  await page.keyboard.press('Enter');
  await window.card('Camera', 'truck').waitFor();
  assert.equal(await dialog.count(), 0);
  // A name that leads nowhere is said in the panel.
  await page.keyboard.press('Control+o');
  await dialog.waitFor();
  await eventually('the panel shows a folder', async () => (await folder.inputValue()) !== '');
  // A folder that is not there is said to be missing; the core answers with 404.
  scene.allow(/404/);
  await folder.fill(`${files.camera}-nowhere`);
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').getByText(/it is not there/).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

scenario('a card is renamed, moved, removed and brought back', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await scene.open();
  const { window, page } = scene;
  await window.ready();
  await window.drop(window.canvas, [files.camera]);
  const card = window.card('Camera', 'truck');
  await card.waitFor();
  await card.focus();
  await page.keyboard.press('F2');
  const name = card.getByRole('textbox', { name: 'Card name' });
  await name.fill('Along the stalls');
  await page.keyboard.press('Enter');
  const renamed = window.card('Camera', 'Along the stalls');
  await renamed.waitFor();
  await scene.onDisk('the new name', (project) => {
    return project.shots[0].conditions[0].name === 'Along the stalls';
  });
  await renamed.focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
  const place = await scene.onDisk('a new place', (project) => {
    const { place } = project.shots[0].conditions[0];
    return place.y > 0 && place;
  });
  assert.ok(place.x >= 0);
  await renamed.focus();
  await page.keyboard.press('Delete');
  await eventually('the card is gone', async () => (await window.cards.count()) === 0);
  await window.says(/removed from the shot; its file stays/);
  await window.messages.getByRole('button', { name: 'Undo' }).last().click();
  await renamed.waitFor();
});

scenario('a tie that suggests itself is made and undone', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await scene.open();
  const { window } = scene;
  await window.ready();
  await window.drop(window.zone('Identities'), [files.portrait]);
  await window.card('Identity', 'Mara').waitFor();
  await window.drop(window.zone('Pose'), [files.pose]);
  await window.card('Pose', 'walk').waitFor();
  const suggested = window.region('The cards together').getByRole('list', { name: 'Suggestions' });
  await suggested.getByText(/Mara/).first().waitFor();
  await suggested.getByRole('button', { name: /Tie/ }).first().click();
  await window.canvas.getByRole('button', { name: /^Untie: .*Mara/ }).waitFor();
  const { from, to } = await scene.onDisk('the tie', (project) => {
    return project.shots[0].bindings.find((binding) => binding.kind === 'performed_by');
  });
  assert.notEqual(from, to);
  await window.undo.click();
  await eventually('the tie is gone', async () => {
    return (await window.canvas.getByRole('button', { name: /^Untie/ }).count()) === 0;
  });
});

scenario('the kind of a card is the person’s to say', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await scene.open();
  const { window } = scene;
  await window.ready();
  await window.drop(window.zone('Identities'), [files.portrait]);
  await window.card('Identity', 'Mara').waitFor();
  await window.choose(/^Kind: Identity/, /^Style/);
  await window.card('Style', 'Mara').waitFor();
  await window.undo.click();
  await window.card('Identity', 'Mara').waitFor();
});
