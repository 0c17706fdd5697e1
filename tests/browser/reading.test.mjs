// A reading is opened, corrected by hand, and the correction is the project's.
import assert from 'node:assert/strict';
import { scenario } from '../support/browser.mjs';
import { writeSet } from '../support/media.mjs';
import { eventually } from '../support/waiting.mjs';

scenario('a reading is corrected by keyboard and put back by undo', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await scene.open();
  const { window, page } = scene;
  await window.ready();
  await window.drop(window.zone('Camera'), [files.camera]);
  const card = window.card('Camera', 'truck');
  await card.getByText(/trucks right/).waitFor();
  await card.focus();
  await page.keyboard.press('r');
  const reading = window.region('Reading of truck');
  await reading.waitFor();
  assert.equal(await window.canvas.count(), 0, 'it stands in place of the canvas');
  const words = reading.getByRole('region', { name: 'In words' });
  const line = words.getByRole('button', { name: /trucks right/ });
  await line.focus();
  // In other words: what was measured stays beside them.
  await page.keyboard.press('F2');
  await reading.getByRole('textbox', { name: /^Your words for/ }).waitFor();
  await page.keyboard.insertText('The camera glides right.');
  await page.keyboard.press('Enter');
  const [correction] = await scene.onDisk('the correction', (project) => {
    const { corrections } = project.shots[0].conditions[0];
    return corrections.length === 1 && corrections;
  });
  assert.match(correction.was, /trucks right/);
  assert.deepEqual(correction.change, { change: 'rename', to: 'The camera glides right.' });
  await reading.getByText(/^measured: .*trucks right/).waitFor();
  // Struck out, and put back.
  await words.getByRole('button', { name: /glides right/ }).focus();
  await page.keyboard.press('Delete');
  await reading.getByText('Struck out.').waitFor();
  await window.undo.click();
  await reading.getByText(/^measured: /).waitFor();
  await window.undo.click();
  await scene.onDisk('no correction', (project) => {
    return project.shots[0].conditions[0].corrections.length === 0;
  });
  await eventually('nothing is by hand', async () => {
    return (await reading.getByText(/^measured: /).count()) === 0;
  });
  // Back to the card it was opened from.
  await line.focus();
  await page.keyboard.press('Escape');
  if ((await reading.count()) > 0) await page.keyboard.press('Escape');
  await card.waitFor();
  await eventually('the card has the focus again', async () => {
    return card.evaluate((element) => element === document.activeElement);
  });
});

scenario('a reading is read in another way from its panel', async (scene) => {
  const files = writeSet(scene.folder);
  await scene.newProject();
  await scene.open();
  const { window } = scene;
  await window.ready();
  await window.drop(window.zone('Camera'), [files.camera]);
  await window.card('Camera', 'truck').getByText(/trucks right/).waitFor();
  await scene.page.getByRole('button', { name: 'Open the reading of truck' }).last().click();
  const reading = window.region('Reading of truck');
  await reading.getByLabel('Axes').selectOption('opencv_c2w');
  // The same numbers, taken the other way round, run the other way.
  await reading.getByText(/trucks left/).first().waitFor();
  await scene.onDisk('the way it is read', (project) => {
    return project.shots[0].conditions[0].options.convention === 'opencv_c2w';
  });
});
