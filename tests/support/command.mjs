// Running `decoupage` to its end.
import { spawn } from 'node:child_process';
import { decoupage, environment } from './places.mjs';
import { LONGEST_MS } from './waiting.mjs';

/** Runs `decoupage` with arguments: its exit code and what it said on each stream. */
export function run(folder, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(decoupage(), args, {
      cwd: folder,
      env: environment(folder),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`decoupage ${args.join(' ')} did not end.\n${err}`));
    }, 2 * LONGEST_MS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(late);
      resolve({ code, out, err });
    });
  });
}

/** The same, for what must succeed: what it printed. */
export async function runWell(folder, ...args) {
  const { code, out, err } = await run(folder, ...args);
  if (code !== 0) throw new Error(`decoupage ${args.join(' ')} ended with ${code}:\n${err}`);
  return out;
}
