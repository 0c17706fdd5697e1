// A model in the window: chosen in its panel, writing along the six sections, cancelled half way.
// The checkpoint is a small one of random weights: what it writes makes no sense, and need not.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { scenario } from '../support/browser.mjs';
import { environment, root } from '../support/places.mjs';
import { eventually } from '../support/waiting.mjs';
import { SECTION_KEYS } from '../support/window-page.mjs';

const takeOf = (project) => {
  const shot = project.shots[0];
  return shot.takes.find((take) => take.id === shot.current_take);
};

scenario('a model is chosen in its panel and writes a take', async (scene) => {
  const home = environment(scene.folder).DECOUPAGE_HOME;
  mkdirSync(home, { recursive: true });
  const folders = [path.join(root, 'tests', 'parity', 'fixtures', 'qwen2_5_vl')];
  writeFileSync(path.join(home, 'models.json'), JSON.stringify({ folders, precision: 'f32', device: 'cpu' }));
  await scene.newProject('--prompt', 'A woman in a red coat walks past market stalls at dusk');
  await scene.open();
  await scene.window.ready();
  const { page, server, window } = scene;

  await page.keyboard.press('Control+m');
  const panel = page.getByRole('region', { name: 'Models' });
  await panel.getByRole('heading', { name: 'To fetch' }).waitFor();
  await panel.getByRole('searchbox', { name: 'Find a model' }).fill('Qwen3-VL 4B');
  await panel.getByRole('article', { name: 'Qwen3-VL 4B', exact: true }).waitFor();
  await panel.getByRole('searchbox', { name: 'Find a model' }).fill('');
  await panel.getByRole('button', { name: /^(Use|Load anyway)$/ }).first().click();
  await panel.getByText('In use').waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });

  const heard = await server.listen();
  await window.interpret();
  await eventually('the model has written', () =>
    heard.events.some((e) => e.event === 'end' && ['take', 'failed'].includes(e.end.end)),
  );
  heard.stop();
  const end = heard.events.findLast((e) => e.event === 'end').end;
  assert.equal(end.end, 'take', JSON.stringify(end));
  assert.ok(heard.events.some((e) => e.event === 'pace'), 'the window is told how fast it writes');
  const take = await scene.onDisk('the take', takeOf);
  assert.equal(take.engine, 'local');
  for (const section of SECTION_KEYS) assert.ok(take.caption[section].trim(), section);
  await window.take.getByText(/^Local model, /).waitFor();
});
