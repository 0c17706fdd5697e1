// The real window: what it shows, what is dropped on it, and that closing it loses nothing.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { runWell } from '../support/command.mjs';
import { desktopScenario } from '../support/desktop.mjs';
import { writeSet } from '../support/media.mjs';
import { eventually } from '../support/waiting.mjs';

const SECTIONS = ['Dense', 'Main object', 'Background', 'Camera', 'Style', 'Action'];

const named = (browser, name) => browser.$(`[aria-label="${name}"]`);
const prompt = (browser) => browser.$('textarea#prompt');
const zone = (browser, title) => browser.$(`[aria-label="Canvas"] section[aria-label="${title}"]`);
const cards = (browser) =>
  browser.execute(() =>
    [...document.querySelectorAll('[aria-label="Canvas"] article')].map((card) => card.getAttribute('aria-label')),
  );

/** The words of a section; the hint in an empty one is none. */
const words = (browser, title) =>
  browser.execute((name) => {
    const lines = document.querySelectorAll(`[role=textbox][aria-label="${name} section"] .cm-line`);
    return [...lines]
      .map((line) => {
        const copy = line.cloneNode(true);
        for (const hint of copy.querySelectorAll('.cm-placeholder')) hint.remove();
        return copy.textContent;
      })
      .join(' ')
      .trim();
  }, title);

/** The document on disk, once it answers what is asked of it. */
const onDisk = (desk, what, check) =>
  eventually(what, () => check(JSON.parse(readFileSync(`${desk.project}/project.json`, 'utf8'))));

desktopScenario('it opens on the sample shot, and interprets it', async (desk) => {
  await desk.open();
  const { browser } = desk;
  await eventually('the sample shot is shown', async () => /red coat/.test(await prompt(browser).getValue()));
  await eventually('its five cards are shown', async () => (await cards(browser)).length === 5);
  const kinds = (await cards(browser)).map((name) => name.split(':')[0]).sort();
  assert.deepEqual(kinds, ['Camera', 'Depth', 'Identity', 'Identity', 'Pose']);
  const interpret = await browser.$('section[aria-label="Prompt"]').$('button=Interpret');
  await interpret.click();
  for (const title of SECTIONS) {
    await eventually(`${title} is written`, async () => {
      return (await words(browser, title)).split(/\s+/).length >= 3;
    });
  }
  assert.match(await words(browser, 'Camera'), /trucks right/i);
  const marks = await browser.execute(
    () => new Set([...document.querySelectorAll('[role=textbox] [data-origin]')].map((m) => m.dataset.origin)).size,
  );
  assert.ok(marks >= 2, 'words carry the marks of where they come from');
  // Everything came out of the program: no address of another machine was asked for.
  const asked = await browser.execute(() => [
    location.href,
    ...performance.getEntriesByType('resource').map((entry) => entry.name),
    ...[...document.querySelectorAll('[src], link[href]')].map((from) => from.src || from.href),
  ]);
  assert.ok(asked.length > 2, 'addresses were looked at');
  for (const address of asked) {
    assert.match(address, /^(tauri:\/\/localhost|ipc:\/\/localhost|https?:\/\/(tauri|ipc)\.localhost|data:|blob:)/);
  }
  // And none may be: the window's policy refuses it.
  const refused = await browser.executeAsync((done) => {
    const before = [...window.complaints];
    addEventListener('securitypolicyviolation', (event) => {
      window.complaints = before;
      done(event.blockedURI);
    });
    fetch('http://127.0.0.1:9/').then(
      () => done(''),
      () => undefined,
    );
  });
  assert.match(refused, /127\.0\.0\.1:9/);
});

desktopScenario('files dropped from another program land where they belong', async (desk) => {
  const files = writeSet(desk.folder);
  await runWell(desk.folder, 'new', desk.project);
  await desk.open(desk.project);
  const { browser } = desk;
  await zone(browser, 'Camera').waitForExist({ timeout: 60_000 });
  await desk.drop(await zone(browser, 'Camera'), [files.camera]);
  await eventually('the camera path is a card', async () => (await cards(browser)).includes('Camera: truck'));
  // Several at once, among them what cannot be used.
  await desk.drop(await zone(browser, 'Pose'), [files.pose, files.empty, files.text]);
  await eventually('the pose is a card', async () => (await cards(browser)).includes('Pose: walk'));
  await eventually('the refusals are explained', async () => {
    const said = await named(browser, 'Messages').getText();
    return /This file is empty/.test(said) && /This is text, not a camera path/.test(said);
  });
  assert.equal((await cards(browser)).length, 2);
  await onDisk(desk, 'two conditions', (project) => {
    const { conditions } = project.shots[0];
    for (const { media } of conditions) assert.ok(existsSync(`${desk.project}/${media.path}`), media.path);
    return conditions.map(({ kind }) => kind).join() === 'camera,pose';
  });
});

desktopScenario('closing the window saves what was just typed', async (desk) => {
  await runWell(desk.folder, 'new', desk.project);
  await desk.open(desk.project);
  const { browser } = desk;
  const box = await prompt(browser);
  await box.waitForEnabled({ timeout: 60_000 });
  await box.setValue('A lamp swings in the rain');
  assert.deepEqual(await desk.complaints(), []);
  await desk.closeWindow();
  await onDisk(desk, 'the words', (project) => project.shots[0].prompt === 'A lamp swings in the rain');
  // Closed properly: nothing has to be recovered.
  assert.equal((await runWell(desk.folder, 'check', desk.project)).trim(), '');
});

desktopScenario('Ctrl+Z in a text box takes back the document’s last step', async (desk) => {
  await runWell(desk.folder, 'new', desk.project, '--prompt', 'A lamp');
  await desk.open(desk.project);
  const { browser } = desk;
  const box = await prompt(browser);
  await box.waitForEnabled({ timeout: 60_000 });
  await eventually('the prompt is there', async () => (await box.getValue()) === 'A lamp');
  await box.click();
  await browser.keys(['End']);
  await browser.keys([...' swings']);
  await onDisk(desk, 'the words', (project) => project.shots[0].prompt === 'A lamp swings');
  await browser.keys(['Control', 'z']);
  await onDisk(desk, 'the step back', (project) => project.shots[0].prompt === 'A lamp');
  await eventually('the box shows it', async () => (await box.getValue()) === 'A lamp');
});
