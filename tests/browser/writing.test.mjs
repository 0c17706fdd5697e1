// From files and a prompt to a take, and the person's own words in it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { scenario } from '../support/browser.mjs';
import { runWell } from '../support/command.mjs';
import { repeated, writeSet } from '../support/media.mjs';
import { eventually } from '../support/waiting.mjs';
import { SECTIONS, SECTION_KEYS } from '../support/window-page.mjs';

const PROMPT = 'A woman in a red coat walks past market stalls at dusk, static camera';

/** A shot with a prompt, a camera path and a pose. */
async function prepared(scene) {
  const files = writeSet(scene.folder);
  await scene.newProject('--prompt', PROMPT);
  await scene.open();
  await scene.window.ready();
  await scene.window.drop(scene.window.canvas, [files.camera, files.pose]);
  await scene.window.card('Camera', 'truck').waitFor();
  await scene.window.card('Pose', 'walk').waitFor();
}

const takeOf = (project) => {
  const shot = project.shots[0];
  return shot.takes.find((take) => take.id === shot.current_take);
};

scenario('a shot is interpreted: trace and sections stream in, every word with its origin', async (scene) => {
  await prepared(scene);
  const { window, server } = scene;
  const heard = await server.listen();
  await window.interpret();
  await eventually('the job ends', () => heard.events.some((e) => e.event === 'end' && e.end.end === 'take'));
  heard.stop();
  const told = heard.events.map((event) => event.event);
  const last = heard.events.findIndex((e) => e.event === 'end' && e.end.end === 'take');
  assert.ok(told.indexOf('trace') >= 0 && told.indexOf('trace') < told.indexOf('section'));
  const sections = new Set(heard.events.slice(0, last).filter((e) => e.event === 'section').map((e) => e.section));
  assert.deepEqual([...sections].sort(), [...SECTION_KEYS].sort());
  // What stands in the window is what lies on disk.
  const take = await scene.onDisk('the take', takeOf);
  for (const [index, title] of SECTIONS.entries()) {
    assert.equal(await window.words(title), take.caption[SECTION_KEYS[index]].trim(), title);
  }
  // The text wins over the path, and the window says so.
  await window.take.getByText(/conflict/i).first().waitFor();
  await window.take.getByText('Resolved', { exact: true }).first().waitFor();
  // Origins are told in words and drawn by more than colour.
  const marked = window.take.getByRole('textbox').getByTitle(/^(From the prompt|Read in a card|Supplied)/);
  await marked.first().waitFor();
  await window.take.getByRole('textbox').getByTitle(/^Read in a card: /).first().waitFor();
  await window.take.getByRole('textbox').getByTitle(/^From the prompt/).first().waitFor();
  const styles = await marked.evaluateAll((marks) =>
    marks.map((mark) => [mark.dataset.origin, getComputedStyle(mark).textDecorationStyle]),
  );
  const drawn = new Map(styles);
  for (const [origin, style] of styles) assert.equal(drawn.get(origin), style);
  assert.equal(new Set(drawn.values()).size, drawn.size, 'each origin has an underline of its own');
  // The four steps of the trace.
  await window.take.getByRole('tab', { name: 'Trace' }).click();
  for (const step of ['Intent', 'Conditions', 'Alignment', 'Supplement']) {
    await window.take.getByRole('heading', { name: step, exact: true }).waitFor();
  }
});

scenario('a section is edited by typing; undo and redo go one gesture at a time', async (scene) => {
  await prepared(scene);
  const { window, page } = scene;
  await window.interpret();
  const before = await window.words('Style');
  await window.append('Style', ' Rain on the lens.');
  await window.saved();
  await scene.onDisk('the words by hand', (project) => {
    return takeOf(project).caption.style === `${before} Rain on the lens.`;
  });
  const take = await scene.onDisk('the take', takeOf);
  const spans = take.origins.style.filter((span) => span.origin === 'hand');
  const scalars = [...take.caption.style];
  assert.match(spans.map(({ start, end }) => scalars.slice(start, end).join('')).join(''), /Rain on the lens\./);
  await window.section('Style').getByTitle('By hand').first().waitFor();
  // A second gesture, elsewhere.
  await window.append('Action', ' She looks back.');
  await scene.onDisk('the second gesture', (project) => {
    return takeOf(project).caption.action.endsWith(' She looks back.');
  });
  await page.keyboard.press('Control+z');
  await eventually('the second gesture is undone', async () => !(await window.words('Action')).includes('looks back'));
  assert.equal(await window.words('Style'), `${before} Rain on the lens.`);
  await window.undo.click();
  await eventually('the first gesture is undone', async () => (await window.words('Style')) === before);
  await window.redo.click();
  await window.redo.click();
  await eventually('both are there again', async () => {
    return (
      (await window.words('Style')) === `${before} Rain on the lens.` &&
      (await window.words('Action')).endsWith('She looks back.')
    );
  });
  // One take all along: edits amend it.
  assert.equal((await scene.onDisk('the takes', (project) => project.shots[0].takes)).length, 1);
});

scenario('a locked section keeps its words when the shot is interpreted again', async (scene) => {
  await prepared(scene);
  const { window } = scene;
  await window.interpret();
  await window.append('Style', ' Rain on the lens.');
  await window.append('Action', ' She looks back.');
  const style = await window.words('Style');
  await scene.onDisk('both edits', (project) => takeOf(project).caption.action.endsWith('looks back.'));
  await window.take.getByRole('button', { name: 'Lock Style' }).click();
  await scene.onDisk('the lock', (project) => takeOf(project).locked.includes('style'));
  await eventually('nothing can be typed into it', async () => {
    return (await window.section('Style').getAttribute('contenteditable')) === 'false';
  });
  await window.interpretButton.click();
  const second = await scene.onDisk('a second take', (project) => {
    return project.shots[0].takes.length === 2 && takeOf(project);
  });
  await window.written();
  assert.equal(second.caption.style.trim(), style);
  assert.equal(await window.words('Style'), style);
  assert.ok(!second.caption.action.includes('looks back'), 'what was not locked is written anew');
  assert.ok(second.locked.includes('style'));
  // The first take is as it was, and can be compared and chosen again.
  const first = await scene.onDisk('the first take', (project) => project.shots[0].takes[0]);
  assert.ok(first.caption.action.endsWith('looks back.'));
  await window.take.getByRole('button', { name: 'Compare' }).click();
  const dialog = window.dialog('Compare takes');
  await dialog.getByText(/looks back/).first().waitFor();
  await dialog.getByRole('button', { name: 'Make current' }).first().click();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await eventually('the first take stands there again', async () => (await window.words('Action')).endsWith('looks back.'));
});

scenario('one section is written again, the others stay', async (scene) => {
  await prepared(scene);
  const { window } = scene;
  await window.interpret();
  const camera = await window.words('Camera');
  await window.append('Style', ' Rain on the lens.');
  await window.append('Camera', ' Nothing else.');
  await scene.onDisk('both edits', (project) => takeOf(project).caption.camera.endsWith('else.'));
  const style = await window.words('Style');
  await window.take.getByRole('button', { name: 'Write Camera again' }).click();
  await scene.onDisk('a second take', (project) => project.shots[0].takes.length === 2);
  await eventually('the camera is written anew', async () => (await window.words('Camera')) === camera);
  assert.equal(await window.words('Style'), style);
});

scenario('an interpretation is cancelled; nothing is lost and the next one runs', async (scene) => {
  // The skeleton clip of the sample shot over and over: every frame of it is looked at, and that
  // takes its time.
  const sample = await runWell(scene.folder, 'demo', '--out', scene.folder);
  const project = /The project: (.*)/.exec(sample)[1];
  const media = path.resolve(scene.folder, project, 'media');
  const walk = readdirSync(media).find((name) => /^walk.*\.mp4$/.test(name));
  const clip = repeated(path.join(media, walk), 80, scene.path('dance.mp4'));
  await scene.newProject('--prompt', PROMPT);
  await scene.serve();
  const { server } = scene;
  const shot = (await server.ask({ do: 'view' })).view.project.shots[0].id;
  const heard = await server.listen();
  const ended = (job) =>
    eventually(`job ${job} ends`, () => heard.events.find((e) => e.event === 'end' && e.job === job)?.end);
  const adding = await server.ask({ do: 'add', shot, files: [{ path: clip, kind: 'pose' }] });
  const added = await ended(adding.job);
  assert.equal(added.conditions?.length, 1, JSON.stringify(added));
  const { job } = await server.ask({ do: 'interpret', shot, engine: 'measured', seed: 0, sections: [] });
  await eventually('it reports progress', () => heard.events.find((e) => e.event === 'progress' && e.job === job));
  await server.ask({ do: 'cancel', job });
  assert.equal((await ended(job)).end, 'cancelled');
  // Cancelling what has ended is no error.
  await server.ask({ do: 'cancel', job });
  const after = (await server.ask({ do: 'view' })).view.project.shots[0];
  assert.equal(after.takes.length, 0);
  assert.equal(after.conditions.length, 1);
  heard.stop();
  // The same by hand, in the window.
  await scene.show();
  const { window, page } = scene;
  await window.ready();
  await window.interpretButton.click();
  const cancel = window.region('Prompt').getByRole('button', { name: 'Cancel', exact: true });
  await cancel.waitFor();
  await window.region('Prompt').getByRole('progressbar', { name: 'Interpretation' }).waitFor();
  await cancel.click();
  await window.interpretButton.waitFor();
  assert.equal((await server.ask({ do: 'view' })).view.project.shots[0].takes.length, 0);
  // Without the long clip it is written at once.
  await window.card('Pose', 'dance').focus();
  await page.keyboard.press('Delete');
  await eventually('the card is gone', async () => (await window.cards.count()) === 0);
  await window.interpret();
});

scenario('a generator is chosen, its budget shown, and its prompt files written', async (scene) => {
  await prepared(scene);
  const { window, page } = scene;
  await window.interpret();
  await window.bar.getByRole('combobox', { name: 'For', exact: true }).selectOption('cogvideox');
  const meter = window.take.getByRole('meter', { name: /^Budget of CogVideoX/ });
  await meter.waitFor();
  assert.equal(await meter.getAttribute('aria-valuemax'), '226');
  const used = Number(await meter.getAttribute('aria-valuenow'));
  assert.ok(used > 0 && used <= 226, `${used} of 226`);
  await scene.onDisk('the choice', (project) => project.shots[0].generator === 'cogvideox');
  await window.take.getByRole('tab', { name: 'Prompt' }).click();
  await window.take.getByText('As it will be sent').waitFor();
  const { prompt } = await scene.server.ask({ do: 'compose', shot: 1, generator: 'cogvideox' });
  await window.take.getByText(prompt.text.slice(0, 60)).first().waitFor();

  const out = scene.path('out');
  await window.button('Export…').click();
  const dialog = window.dialog('Export prompt files');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(out);
  await dialog.getByRole('button', { name: 'Write files' }).click();
  await dialog.getByText(/One file written/).waitFor();
  // Beside the files lies a hidden list of what was written.
  const files = (folder) => readdirSync(folder).filter((name) => !name.startsWith('.'));
  const [name] = files(out);
  assert.match(name, /cogvideox.*\.txt$/);
  assert.ok(readFileSync(`${out}/${name}`, 'utf8').includes(prompt.text));
  // Every generator at once, as JSON.
  await dialog.getByRole('button', { name: 'all', exact: true }).click();
  await dialog.getByRole('radio', { name: /^JSON, one file each/ }).check();
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(`${out}-json`);
  await dialog.getByRole('button', { name: 'Write files' }).click();
  await dialog.getByText(/\d+ files written/).waitFor();
  const written = files(`${out}-json`);
  const { generators } = await scene.server.ask({ do: 'hello' });
  assert.equal(written.length, generators.length);
  for (const file of written) assert.ok(JSON.parse(readFileSync(`${out}-json/${file}`, 'utf8')));
});
