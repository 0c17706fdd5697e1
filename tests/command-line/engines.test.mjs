// The local and the server engine, end to end: the built command line, the built worker with a
// whole small checkpoint of random weights, and a server that speaks as OpenAI's does. What such
// a checkpoint writes makes no sense; that it keeps the six sections is what is looked at.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { run, runWell } from '../support/command.mjs';
import { environment, ownProgram, root, temporaryFolder } from '../support/places.mjs';
import { SCENARIO_MS } from '../support/waiting.mjs';
import { SECTION_KEYS } from '../support/window-page.mjs';

const fixtures = path.join(root, 'tests', 'parity', 'fixtures');

/** Writes what a person would have chosen in the models panel. */
function choose(folder, settings) {
  const home = environment(folder).DECOUPAGE_HOME;
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'models.json'), JSON.stringify(settings));
}

async function shotIn(folder) {
  await runWell(folder, 'new', 'Dusk', '--prompt', 'A woman in a red coat walks past market stalls at dusk', '--duration', '4');
  return 'Dusk.decoupage';
}

test('a model on this computer writes a take of six sections', { timeout: 4 * SCENARIO_MS }, async () => {
  ownProgram('decoupage-worker', '-p decoupage-worker');
  const { folder, clear } = temporaryFolder();
  choose(folder, { folders: [path.join(fixtures, 'qwen2_5_vl')], precision: 'f32', device: 'cpu' });
  const project = await shotIn(folder);

  const none = await run(folder, 'interpret', project, '--engine', 'local');
  assert.equal(none.code, 1);
  assert.match(none.err, /No local model is chosen/);
  const unknown = await run(folder, 'interpret', project, '--engine', 'local', '--model', 'nothing');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /no model called “nothing”/);

  const listed = JSON.parse(await runWell(folder, 'models', 'list', '--json'));
  const [model] = listed.models.filter((card) => card.found.length > 0);
  assert.equal(model.found[0].state.state, 'ready');
  const asked = ['interpret', project, '--engine', 'local', '--model', model.id, '--temperature', '0', '--must-say', 'lantern light', '--json'];
  const take = JSON.parse(await runWell(folder, ...asked));
  assert.equal(take.engine, 'local');
  assert.equal(take.model, model.name);
  for (const section of SECTION_KEYS) {
    assert.ok(take.caption[section].trim().length > 0, `${section} is written`);
    const spans = take.origins[section];
    assert.equal(spans[0].start, 0);
    assert.equal(spans.at(-1).end, [...take.caption[section]].length, `${section} has origins to its end`);
  }
  assert.ok(take.trace.intent.length > 0);
  assert.match(Object.values(take.caption).join(' '), /lantern light/i);
  const again = JSON.parse(await runWell(folder, ...asked));
  assert.deepEqual(again.caption, take.caption, 'the same seed writes the same words');
  clear();
});

test('a model on this computer describes an identity picture, and the reading says so', { timeout: 4 * SCENARIO_MS }, async () => {
  ownProgram('decoupage-worker', '-p decoupage-worker');
  const { folder, clear } = temporaryFolder();
  choose(folder, { folders: [path.join(fixtures, 'qwen2_5_vl')], precision: 'f32', device: 'cpu' });
  await runWell(folder, 'demo', '--out', '.');
  const project = readdirSync(folder).find((name) => name.endsWith('.decoupage'));
  const none = await run(folder, 'describe', project, '1');
  assert.equal(none.code, 1);
  assert.match(none.err, /No local model is chosen/);
  const listed = JSON.parse(await runWell(folder, 'models', 'list', '--json'));
  const [model] = listed.models.filter((card) => card.found.length > 0);
  const reading = JSON.parse(await runWell(folder, 'describe', project, '1', '--model', model.id, '--json'));
  assert.ok(reading.described.text.length > 0);
  assert.equal(reading.described.model, model.name);
  const words = reading.statements.at(-1);
  assert.deepEqual(words.evidence, { from: 'model', model: model.name });
  // The next command finds it again, and a hand can take it out.
  const outline = JSON.parse(await runWell(folder, 'correct', project, '1', '--json'));
  const item = outline.items.find((each) => each.evidence?.from === 'model');
  assert.ok(item, 'the model has its own item');
  await runWell(folder, 'correct', project, '1', item.key, '--delete');
  const wrong = await run(folder, 'describe', project, '5', '--model', model.id);
  assert.match(wrong.err, /Only identity pictures/);
  clear();
});

test('models fit says what a model takes, and refuses what it does not know', { timeout: SCENARIO_MS }, async () => {
  const { folder, clear } = temporaryFolder();
  const fit = JSON.parse(await runWell(folder, 'models', 'fit', 'qwen3-vl-4b-instruct', '--json'));
  const totals = fit.choices.map((choice) => choice.memory.total);
  assert.deepEqual(totals, [...totals].sort((a, b) => b - a), 'from the largest to the smallest');
  const unknown = await run(folder, 'models', 'fit', 'nothing');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /No model is called “nothing”/);
  choose(folder, { offline: true });
  const offline = await run(folder, 'models', 'download', 'qwen3-vl-2b-instruct');
  assert.equal(offline.code, 1);
  assert.match(offline.err, /offline/i);
  clear();
});

/** A server that knows one model, no structure, and one answer. */
async function server(answer) {
  const asked = [];
  const made = createServer((request, response) => {
    if (request.url === '/v1/models') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'writer-1', object: 'model', owned_by: 'studio' }] }));
      return;
    }
    if (request.url !== '/v1/chat/completions') {
      response.statusCode = 404;
      response.end('{}');
      return;
    }
    let body = '';
    request.on('data', (data) => (body += data));
    request.on('end', () => {
      const wanted = JSON.parse(body);
      asked.push(wanted);
      if (wanted.response_format) {
        response.statusCode = 400;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ error: { message: 'response_format is not supported' } }));
        return;
      }
      response.setHeader('content-type', 'text/event-stream');
      for (const piece of answer.match(/[\s\S]{1,40}/g)) {
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: piece } }] })}\n\n`);
      }
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`);
      response.end('data: [DONE]\n\n');
    });
  });
  await new Promise((resolve) => made.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${made.address().port}/v1`, asked, close: () => made.close() };
}

const ANSWER = `<think>
Step 1: A walk past stalls at dusk.
Step 4: Nothing was given for the style, so it is kept plain.
</think>
<answer>
1. Dense caption: At dusk a woman in a red coat walks past market stalls.
2. Main object caption: A woman in a red coat.
3. Background caption: Market stalls at dusk.
4. Camera caption: The camera holds still.
5. Style caption: Naturalistic, low warm light.
6. Action caption: She walks past the stalls.
</answer>`;

test('a server writes a take, whether or not it can be held to a structure', { timeout: 2 * SCENARIO_MS }, async () => {
  const { folder, clear } = temporaryFolder();
  const studio = await server(ANSWER);
  choose(folder, { endpoints: [{ name: 'Studio', url: studio.url, used: true }] });
  const project = await shotIn(folder);
  const take = JSON.parse(await runWell(folder, 'interpret', project, '--engine', 'server', '--json'));
  assert.equal(take.engine, 'server');
  assert.equal(take.model, 'writer-1');
  assert.equal(take.caption.camera, 'The camera holds still.');
  assert.equal(take.caption.action, 'She walks past the stalls.');
  assert.ok(take.origins.dense.some((span) => span.origin === 'prompt'), 'words of the prompt are known as such');
  assert.ok(studio.asked.length >= 1);
  assert.ok(JSON.stringify(studio.asked.at(-1)).includes('red coat'));
  studio.close();
  const gone = await run(folder, 'interpret', project, '--engine', 'server', '--model', 'Attic');
  assert.equal(gone.code, 1);
  assert.match(gone.err, /no server called “Attic”/);
  clear();
});
