// The contract of the command line: every command, its JSON, its exit codes, its errors.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { run, runWell } from '../support/command.mjs';
import { captionText, writeSet } from '../support/media.mjs';
import { temporaryFolder } from '../support/places.mjs';
import { SCENARIO_MS } from '../support/waiting.mjs';
import { SECTION_KEYS } from '../support/window-page.mjs';

/** A test with a folder of its own. */
const inFolder = (name, body) =>
  test(name, { timeout: SCENARIO_MS }, async () => {
    const { folder, clear } = temporaryFolder();
    await body(folder);
    clear();
  });

/** What must fail: with this code, in one line that is a sentence, and nothing on standard output. */
async function refused(folder, code, pattern, ...args) {
  const answer = await run(folder, ...args);
  const said = `decoupage ${args.join(' ')}: ${answer.code}\n${answer.err}`;
  assert.equal(answer.code, code, said);
  assert.equal(answer.out, '', said);
  assert.match(answer.err, pattern, said);
  if (!answer.err.startsWith('error:')) {
    assert.match(answer.err, /^decoupage: [A-Z“].*[.)]\n$/, said);
    assert.ok(!/panicked|Error\(|Os \{|RUST_BACKTRACE/.test(answer.err), said);
  }
}

const has = (object, ...keys) => {
  for (const key of keys) assert.ok(key in object, `${key} is there`);
};

inFolder('what is not a command is a matter of usage', async (folder) => {
  await refused(folder, 2, /frobnicate/, 'frobnicate');
  await refused(folder, 2, /Usage/, 'new');
  await refused(folder, 2, /known kinds are/, 'read', 'x.png', '--as', 'banana');
  await refused(folder, 2, /--format/, 'export', 'x', '--format', 'pdf');
  await refused(folder, 2, /--duration/, 'new', 'x', '--duration', 'long');
  const help = await runWell(folder, '--help');
  for (const command of ['demo', 'new', 'add', 'read', 'correct', 'describe', 'conditions', 'interpret', 'export', 'check', 'models', 'serve']) {
    assert.match(help, new RegExp(`^  ${command} `, 'm'));
  }
  assert.match(await runWell(folder, '--version'), /^decoupage \d+\.\d+\.\d+/);
});

inFolder('new makes a project, once', async (folder) => {
  const made = await runWell(folder, 'new', 'Night', '--prompt', 'A lamp swings', '--duration', '4.2');
  const project = path.join(folder, 'Night.decoupage');
  assert.equal(path.basename(made.trim()), 'Night.decoupage');
  const document = JSON.parse(readFileSync(path.join(project, 'project.json'), 'utf8'));
  assert.equal(document.name, 'Night');
  assert.equal(document.shots[0].prompt, 'A lamp swings');
  assert.equal(document.shots[0].duration_s, 4.2);
  await refused(folder, 1, /already a project/, 'new', 'Night');
  assert.deepEqual(JSON.parse(readFileSync(path.join(project, 'project.json'), 'utf8')), document);
  for (const duration of ['0', '-1', 'NaN', 'inf']) {
    const { code } = await run(folder, 'new', `D${duration}`, `--duration=${duration}`);
    assert.notEqual(code, 0, `a length of ${duration} s`);
    assert.ok(!existsSync(path.join(folder, `D${duration}.decoupage`)));
  }
});

inFolder('add takes files in as what they are, or as what is said', async (folder) => {
  const files = writeSet(folder);
  await runWell(folder, 'new', 'P');
  const add = (...args) => runWell(folder, 'add', 'P.decoupage', ...args);
  assert.match(await add(files.camera), /^truck \(camera path\)/i);
  assert.match(await add(files.portrait, '--as', 'identity', '--name', 'Mara'), /^Mara \(identity/i);
  assert.match(await add(files.pose, '--link'), /^walk \(pose/i);
  const shot = () =>
    JSON.parse(readFileSync(path.join(folder, 'P.decoupage', 'project.json'), 'utf8')).shots[0];
  assert.deepEqual(shot().conditions.map(({ kind, media }) => [kind, media.storage]), [
    ['camera', 'copied'],
    ['identity', 'copied'],
    ['pose', 'linked'],
  ]);
  await refused(folder, 1, /This file is empty\./, 'add', 'P.decoupage', files.empty);
  await refused(folder, 1, /This is text/, 'add', 'P.decoupage', files.text);
  await refused(folder, 1, /it is not there/, 'add', 'P.decoupage', 'nothing.png');
  await refused(folder, 2, /no shot 7/, 'add', 'P.decoupage', files.camera, '--shot', '7');
  await refused(folder, 1, /./, 'add', 'Nothing.decoupage', files.camera);
  await refused(folder, 1, /no poses|pose/i, 'add', 'P.decoupage', files.camera, '--as', 'pose');
  assert.equal(shot().conditions.length, 3);
});

inFolder('read measures one condition', async (folder) => {
  const files = writeSet(folder);
  const read = async (...args) => JSON.parse(await runWell(folder, 'read', ...args, '--json'));
  const camera = await read(files.camera, '--as', 'camera');
  has(camera, 'kind', 'frames', 'duration_s', 'format', 'convention', 'moves', 'steadiness', 'statements');
  assert.equal(camera.kind, 'camera');
  assert.equal(camera.frames, 48);
  const [move] = camera.moves;
  has(move, 'move', 'start_s', 'end_s', 'amount', 'unit', 'speed', 'amplitude');
  assert.equal(move.move, 'truck_right');
  assert.ok(Math.abs(camera.duration_s - 2) < 0.1, `${camera.duration_s} s`);
  assert.equal(camera.steadiness, 'steady');

  const pose = await read(files.pose);
  assert.equal(pose.kind, 'pose');
  assert.equal(pose.people.length, 1);
  const [person] = pose.people;
  has(person, 'id', 'actions', 'facing', 'position', 'travel', 'statements');
  const walking = person.actions.find(({ action }) => action === 'walking');
  has(walking, 'action', 'start_s', 'end_s', 'confidence');

  const identity = await read(files.portrait, '--as', 'identity');
  assert.equal(identity.kind, 'identity');
  has(identity, 'palette', 'framing');
  has(identity.palette[0], 'name', 'hex', 'share');
  assert.match(identity.palette[0].hex, /^#[0-9a-f]{6}$/i);

  // Ordinary colours are no depth, whatever is said; a real depth clip is read with the sample.
  await refused(folder, 1, /not depth/, 'read', files.portrait, '--as', 'depth');

  // In words, for people.
  assert.match(await runWell(folder, 'read', files.camera), /The camera trucks right/);
  // Every reading comes out the same each time.
  assert.deepEqual(await read(files.camera, '--as', 'camera'), camera);
});

inFolder('bad files get one sentence', async (folder) => {
  const bad = (name, bytes) => {
    const file = path.join(folder, name);
    writeFileSync(file, bytes);
    return file;
  };
  const files = writeSet(folder);
  const picture = readFileSync(files.portrait);
  const path_ = readFileSync(files.camera, 'utf8');
  const cases = [
    [files.empty],
    [files.text],
    [bad('cut.png', picture.subarray(0, 60))],
    [bad('noise.mp4', Buffer.from(Uint8Array.from({ length: 5000 }, (_, n) => (n * 7919) % 251)))],
    [bad('nan.txt', path_.replace(/ -0\.5\d* /, ' NaN ')), '--as', 'camera'],
    [bad('flat.txt', path_.replaceAll(' 1 0 0 ', ' 0 0 0 ')), '--as', 'camera'],
    [bad('cut.json', readFileSync(files.pose).subarray(0, 4000)), '--as', 'pose'],
    [bad('other.json', '{"a": 1}')],
    [bad('deep.json', '['.repeat(100_000)), '--as', 'pose'],
    [path.join(folder, 'nothing.exr')],
    [folder],
  ];
  for (const args of cases) await refused(folder, 1, /^decoupage: /, 'read', ...args);
});

inFolder('interpret writes a take, and the contract’s document', async (folder) => {
  const files = writeSet(folder);
  await runWell(folder, 'new', 'P', '--prompt', 'A woman walks past market stalls at dusk, static camera');
  for (const file of [files.camera, files.pose]) await runWell(folder, 'add', 'P.decoupage', file);
  const said = JSON.parse(await runWell(folder, 'interpret', 'P.decoupage', '--json'));
  has(said, 'shot', 'engine', 'model', 'readings', 'trace', 'caption', 'origins', 'timings_ms');
  assert.equal(said.engine, 'measured');
  assert.deepEqual(said.readings.map(({ kind }) => kind), ['camera', 'pose']);
  has(said.trace, 'intent', 'conditions', 'alignment', 'supplement');
  const [conflict] = said.trace.alignment.conflicts;
  has(conflict, 'about', 'prompt_says', 'condition_says', 'resolution');
  assert.deepEqual(Object.keys(said.caption).sort(), [...SECTION_KEYS].sort());
  for (const key of SECTION_KEYS) {
    assert.ok(said.caption[key].trim(), `${key} is not empty`);
    // Spans count Unicode scalars, run forwards, and stay within the text.
    let last = 0;
    const length = [...said.caption[key]].length;
    for (const { start, end, origin } of said.origins[key]) {
      assert.ok(start >= last && end > start && end <= length, `${key} ${start}–${end}`);
      assert.match(origin, /^(prompt|condition|inferred|hand)$/);
      last = end;
    }
    assert.ok(said.origins[key].length > 0, `${key} says where its words come from`);
  }
  // The same again gives the same words.
  const again = JSON.parse(await runWell(folder, 'interpret', 'P.decoupage', '--json'));
  assert.deepEqual(again.caption, said.caption);
  assert.deepEqual(again.origins, said.origins);
  const words = await runWell(folder, 'interpret', 'P.decoupage');
  for (const heading of ['TRACE', 'CAPTION', 'Dense:', 'Action:']) assert.ok(words.includes(heading));
  const document = JSON.parse(readFileSync(path.join(folder, 'P.decoupage', 'project.json'), 'utf8'));
  assert.equal(document.shots[0].takes.length, 3);
  await refused(folder, 2, /no shot 2/, 'interpret', 'P.decoupage', '--shot', '2');
  await runWell(folder, 'new', 'Empty');
  await refused(folder, 2, /nothing to interpret yet/, 'interpret', 'Empty.decoupage');
  await refused(folder, 1, /measured engine/, 'interpret', 'P.decoupage', '--engine', 'server');
});

inFolder('export writes every format, and what is written comes in again', async (folder) => {
  await runWell(folder, 'new', 'P', '--prompt', 'A woman walks past market stalls at dusk');
  await refused(folder, 2, /no take to export yet/i, 'export', 'P.decoupage');
  const { caption } = JSON.parse(await runWell(folder, 'interpret', 'P.decoupage', '--json'));
  const printed = await runWell(folder, 'export', 'P.decoupage');
  assert.match(printed, /P\.decoupage\/exports\/.*\.txt\n$/);
  for (const format of ['txt', 'json', 'jsonl', 'csv']) {
    const out = path.join(folder, format);
    const files = (await runWell(folder, 'export', 'P.decoupage', '--for', 'all', '--format', format, '--out', out))
      .trim()
      .split('\n');
    assert.ok(files.length >= 1);
    for (const file of files) {
      assert.ok(file.endsWith(`.${format}`), file);
      assert.ok(readFileSync(path.resolve(folder, file), 'utf8').trim().length > 0, file);
    }
    const there = readdirSync(out).filter((name) => !name.startsWith('.'));
    assert.deepEqual(there.sort(), files.map((file) => path.basename(file)).sort());
  }
  const json = path.join(folder, 'json');
  const plain = readdirSync(json).find((name) => /plain\.json$/.test(name));
  assert.ok(readFileSync(path.join(json, plain), 'utf8').includes(caption.dense));
  await runWell(folder, 'check', path.join(json, plain));
  await refused(folder, 2, /No generator is called “nobody”/, 'export', 'P.decoupage', '--for', 'nobody');
});

inFolder('check finds what is wrong with a caption, and says so by its exit code', async (folder) => {
  const good = {
    Dense: 'At dusk a woman in a red coat walks past market stalls while the camera trucks right with her.',
    'Main object': 'A woman in a deep red coat, her hair tied back.',
    Background: 'Market stalls with striped awnings, lanterns just lit.',
    Camera: 'Trucks right at an even pace, then holds still.',
    Style: 'The low, warm light of dusk; naturalistic.',
    Action: 'She walks from left to right and looks up at a lantern.',
  };
  const write = (name, sections) => {
    writeFileSync(path.join(folder, name), captionText(sections));
    return name;
  };
  const fine = await run(folder, 'check', write('good.txt', good), '--json');
  assert.equal(fine.code, 0, fine.out + fine.err);
  const problems = (out) =>
    JSON.parse(out).flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'problem');
  assert.deepEqual(problems(fine.out), []);
  // A section that is missing is a problem.
  const rest = { ...good };
  delete rest.Camera;
  const lacking = await run(folder, 'check', write('bad.txt', rest), '--json');
  assert.equal(lacking.code, 1, lacking.out + lacking.err);
  const [problem] = problems(lacking.out);
  has(problem, 'severity', 'check', 'text');
  assert.equal(problem.section, 'camera');
  const inWords = await run(folder, 'check', 'bad.txt');
  assert.equal(inWords.code, 1);
  assert.match(inWords.out, /^problem: Camera: /m);
  // Over a generator's budget.
  const long = { ...good, Background: Array.from({ length: 90 }, (_, n) => `Stall number ${n + 1} sells lanterns.`).join(' ') };
  const over = await run(folder, 'check', write('long.txt', long), '--for', 'cogvideox');
  assert.match(over.out, /Left out to fit the budget/);
  await refused(folder, 1, /No section of a caption/, 'check', write('none.txt', { Nothing: 'Of the kind.' }));
  await refused(folder, 1, /it is not there/, 'check', 'gone.txt');
});

inFolder('demo makes the sample shot and says where everything is', async (folder) => {
  const said = await runWell(folder, 'demo', '--out', 'here');
  for (const heading of ['TRACE', 'CAPTION', 'PROMPT FILES']) assert.ok(said.includes(heading));
  const project = path.resolve(folder, /The project: (.*)/.exec(said)[1]);
  assert.ok(existsSync(path.join(project, 'project.json')));
  const files = said
    .split('PROMPT FILES')[1]
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes('exports/'));
  assert.ok(files.length >= 11);
  for (const file of files) assert.ok(existsSync(path.resolve(folder, file)), file);
  // The true camera of the sample is a truck to the right that comes to rest.
  const take = JSON.parse(await runWell(folder, 'interpret', project, '--json'));
  assert.match(take.caption.camera, /trucks right/i);
  assert.equal(take.readings.length, 5);
  // A depth clip in which the camera moves says so.
  has(take.readings.find(({ kind }) => kind === 'depth'), 'polarity', 'layers', 'camera_motion', 'moving_regions');
});

inFolder('a project of a newer version is left alone', async (folder) => {
  await runWell(folder, 'new', 'P');
  const file = path.join(folder, 'P.decoupage', 'project.json');
  const newer = JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), schema: 999 });
  writeFileSync(file, newer);
  await refused(folder, 1, /newer/, 'interpret', 'P.decoupage');
  assert.equal(readFileSync(file, 'utf8'), newer);
});

inFolder('a reading is corrected by hand, and the correction wins', async (folder) => {
  await runWell(folder, 'demo', '--out', '.');
  const project = readdirSync(folder).find((name) => name.endsWith('.decoupage'));
  const outline = JSON.parse(await runWell(folder, 'correct', project, '5', '--json'));
  has(outline, 'items', 'curves');
  const told = outline.items.find((item) => item.key.startsWith('statement/'));
  const listed = await runWell(folder, 'correct', project, '5', told.key, '--rename', 'The camera creeps.');
  assert.match(listed, /→ The camera creeps\./);
  const reading = JSON.parse(await runWell(folder, 'interpret', project, '--json')).readings[4];
  assert.ok(reading.statements.some((statement) => statement.text === 'The camera creeps.'));
  const back = await runWell(folder, 'correct', project, '5', told.key, '--as-measured');
  assert.doesNotMatch(back, /creeps/);
  await refused(folder, 2, /has no move\/99/, 'correct', project, '5', 'move/99', '--delete');
  await refused(folder, 2, /There is no condition/, 'correct', project, 'nobody');
  await refused(folder, 2, /before it ends/, 'correct', project, '5', told.key, '--retime', '3', '1');
});

inFolder('conditions are taken together on one clock', async (folder) => {
  await runWell(folder, 'demo', '--out', '.');
  const project = readdirSync(folder).find((name) => name.endsWith('.decoupage'));
  const composition = JSON.parse(await runWell(folder, 'conditions', project, '--json'));
  has(composition, 'duration_s', 'lanes', 'notes', 'rates', 'suggestions', 'groups', 'agreements', 'conflicts');
  assert.ok(composition.lanes.length >= 3);
  assert.match(await runWell(folder, 'conditions', project), /Depth and path agree/);
});
