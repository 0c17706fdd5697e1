// Compares our models with the reference implementation and with llama.cpp, on this machine, on
// the same random checkpoint of about 0.5 billion parameters.
//
//   npm run bench:model                     makes the checkpoint in a temporary folder
//   npm run bench:model -- FOLDER           uses one that was made before
//
// The reference needs a Python with torch and transformers 4.57.6 (PYTHONPATH may name the folder
// they were installed into); llama.cpp is found through LLAMA_BENCH (its llama-bench program) and
// LLAMA_GGUF (a folder with text-Q8_0.gguf and text-Q4_K_M.gguf of the same checkpoint, written by
// tests/parity/make_gguf.py and llama-quantize). What is not there is left out and said.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { must, root } from './run.mjs';

const python = process.env.PYTHON ?? 'python3';
const rounds = 3;
let folder = process.argv[2];
let made = null;

function text(command, args, options = {}) {
  const run = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  return run.status === 0 ? run.stdout : null;
}

await must('cargo', ['build', '--release', '-p', 'decoupage-mllm', '--benches']);
if (!folder) {
  made = mkdtempSync(path.join(os.tmpdir(), 'decoupage-bench-'));
  folder = path.join(made, 'checkpoint');
  if (text(python, [path.join(root, 'tests/parity/make_bench_checkpoint.py'), folder]) === null) {
    console.error(
      'The random checkpoint could not be made: that needs a Python with torch and transformers 4.57.6.',
    );
    process.exit(1);
  }
}

const ours = [];
const lines = text('cargo', [
  'bench', '-q', '-p', 'decoupage-mllm', '--bench', 'model', '--',
  folder, 'q8_0', 'q4_k', 'bf16', 'f32', '--rounds', String(rounds),
]);
for (const line of (lines ?? '').split('\n').filter((each) => each.startsWith('{'))) {
  ours.push(JSON.parse(line));
  console.log(JSON.stringify({ bench: 'model', who: 'decoupage', ...JSON.parse(line) }));
}

const peers = {};
const reference = text(python, [
  path.join(root, 'tests/parity/bench_reference.py'), folder, '--rounds', String(rounds),
]);
if (reference === null) console.log('transformers: not here, left out');
for (const result of reference === null ? [] : JSON.parse(reference).results) {
  peers[result.dtype] = result;
  console.log(JSON.stringify({ bench: 'model', who: 'transformers', ...result }));
}

const { LLAMA_BENCH: llama, LLAMA_GGUF: ggufs } = process.env;
if (!llama || !ggufs) console.log('llama.cpp: not here, left out');
else {
  for (const [precision, name] of [['q8_0', 'text-Q8_0.gguf'], ['q4_k', 'text-Q4_K_M.gguf']]) {
    const file = path.join(ggufs, name);
    if (!existsSync(file)) continue;
    const said = text(llama, ['-m', file, '-p', '512', '-n', '64', '-r', String(rounds), '-t', String(os.cpus().length), '-o', 'json']);
    if (said === null) continue;
    const tests = JSON.parse(said);
    const rate = (prompt) => tests.find((test) => (test.n_prompt > 0) === prompt)?.avg_ts;
    peers[precision] = { prefill_tokens_per_s: rate(true), decode_tokens_per_s: rate(false) };
    console.log(JSON.stringify({ bench: 'model', who: 'llama.cpp', precision, ...peers[precision] }));
  }
}

for (const our of ours) {
  const peer = peers[our.precision];
  if (!peer) continue;
  const ratio = (key) => Number((our[key] / peer[key]).toFixed(2));
  console.log(
    JSON.stringify({
      bench: 'model, ours over the peer’s (above 1 is faster)',
      precision: our.precision,
      prefill: ratio('prefill_tokens_per_s'),
      decode: ratio('decode_tokens_per_s'),
    }),
  );
}
if (made) rmSync(made, { recursive: true, force: true });
