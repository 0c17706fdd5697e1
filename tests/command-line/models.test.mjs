// `decoupage models run`: the built command line, the built worker, a whole small checkpoint.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { run } from '../support/command.mjs';
import { decoupage, environment, ownProgram, root, temporaryFolder } from '../support/places.mjs';
import { SCENARIO_MS, eventually } from '../support/waiting.mjs';

const checkpoint = path.join(root, 'tests', 'parity', 'fixtures', 'qwen2_5_vl');
const caseOf = (name) => path.join(checkpoint, 'cases', name);

/** The tensors of a safetensors file: { name: { shape, values } }. */
function tensors(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'));
  const found = {};
  for (const [name, about] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = about.data_offsets.map((at) => at + 8 + length);
    // Copied, so that numbers lie where they may be read from.
    const data = bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + to);
    const values = {
      I64: () => Array.from(new BigInt64Array(data), Number),
      U32: () => Array.from(new Uint32Array(data)),
      F32: () => Array.from(new Float32Array(data)),
    }[about.dtype]();
    found[name] = { shape: about.shape, values };
  }
  return found;
}

/** The rows of `logits` that the reference kept. */
function rows({ shape, values }, at) {
  const width = shape.at(-1);
  return at.map((row) => values.slice(row * width, (row + 1) * width));
}

for (const name of ['text', 'image_and_video']) {
  test(`models run agrees with the reference: ${name}`, { timeout: SCENARIO_MS }, async () => {
    ownProgram('decoupage-worker', '-p decoupage-worker');
    const { folder, clear } = temporaryFolder();
    const dump = path.join(folder, 'out.safetensors');
    const answer = await run(folder, 'models', 'run', checkpoint, '--case', path.join(caseOf(name), 'case.json'), '--dump', dump, '--device', 'cpu', '--json');
    assert.equal(answer.code, 0, answer.err);
    const said = JSON.parse(answer.out);
    assert.equal(said.dump, dump);
    assert.equal(said.device.kind, 'cpu');
    const ours = tensors(dump);
    const theirs = tensors(path.join(caseOf(name), 'expected.safetensors'));
    for (const key of ['input_ids', 'position_ids', 'generated_ids']) {
      assert.deepEqual(ours[key].values, theirs[key].values, key);
    }
    const at = theirs.logits_at?.values ?? [...theirs.logits.shape.keys()];
    const expected = rows(theirs.logits, [...at.keys()]).flat();
    const range = Math.max(...expected) - Math.min(...expected);
    const off = rows(ours.logits, at)
      .flat()
      .map((value, index) => Math.abs(value - expected[index]));
    assert.equal(off.length, expected.length);
    assert.ok(Math.max(...off) <= 1e-3 * range, `logits differ by ${Math.max(...off) / range} of their range`);
    clear();
  });
}

test('models run says in one sentence what is wrong', { timeout: SCENARIO_MS }, async () => {
  const { folder, clear } = temporaryFolder();
  const text = path.join(caseOf('text'), 'case.json');
  const refused = async (pattern, model, ...args) => {
    const answer = await run(folder, 'models', 'run', model, '--dump', 'out.safetensors', ...args);
    assert.notEqual(answer.code, 0);
    assert.equal(answer.out, '');
    assert.match(answer.err, pattern);
    assert.ok(!existsSync(path.join(folder, 'out.safetensors')));
  };
  await refused(/^decoupage: Could not find this model: it is not there\./, 'nothing', '--case', text);
  await refused(/^decoupage: Could not find this case/, checkpoint, '--case', 'nothing.json');
  await refused(/known precisions are/, checkpoint, '--case', text, '--precision', 'q2');
  await refused(/^decoupage: [A-Z].*\n$/, folder, '--case', text, '--device', 'cpu');
  writeFileSync(path.join(folder, 'case.json'), '{"messages": 3}');
  await refused(/^decoupage: .*is not a case/, checkpoint, '--case', 'case.json', '--device', 'cpu');
  clear();
});

/** Processes started by another one, by what they were started with. */
function children(parent) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        // Parent, then time on the processor in hundredths of a second.
        return Number(fields[1]) === parent ? [{ pid: Number(pid), command, spent: Number(fields[11]) + Number(fields[12]) }] : [];
      } catch {
        return [];
      }
    });
}

/** A case that writes for a while, begun: the command, and its worker once it is well at work. */
async function atWork(folder) {
  const document = JSON.parse(readFileSync(path.join(caseOf('text'), 'case.json'), 'utf8'));
  document.max_tokens = 4096;
  writeFileSync(path.join(folder, 'case.json'), JSON.stringify(document));
  const command = spawn(decoupage(), ['models', 'run', checkpoint, '--case', 'case.json', '--dump', 'out.safetensors', '--device', 'cpu'], {
    cwd: folder,
    env: environment(folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  command.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  const ended = new Promise((resolve) => command.on('close', (code) => resolve({ code, err })));
  const worker = await eventually('the worker is at work', () =>
    children(command.pid).find(({ command: line, spent }) => line.includes('decoupage-worker') && !line.includes('--probe') && spent > 40),
  );
  return { command, worker, ended };
}

test('a worker that is killed costs the answer and is told in one sentence', { timeout: SCENARIO_MS, skip: process.platform !== 'linux' }, async () => {
  const { folder, clear } = temporaryFolder();
  const { worker, ended } = await atWork(folder);
  process.kill(worker.pid, 'SIGKILL');
  const { code, err } = await ended;
  assert.equal(code, 1);
  assert.match(err, /^decoupage: The system ended the model worker while it was .*memory ran out\. Try again with .*\n$/);
  assert.ok(!existsSync(path.join(folder, 'out.safetensors')));
  clear();
});

test('an application that is killed leaves no worker behind', { timeout: SCENARIO_MS, skip: process.platform !== 'linux' }, async () => {
  const { folder, clear } = temporaryFolder();
  const { command, worker, ended } = await atWork(folder);
  command.kill('SIGKILL');
  await ended;
  await eventually('the worker has ended', () => !existsSync(`/proc/${worker.pid}`));
  clear();
});
