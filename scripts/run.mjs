// Running commands with their output in view, and saying plainly when one fails.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command to its end and answers its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      // npm is a script on Windows.
      shell: process.platform === 'win32' && command === 'npm',
      ...options,
    });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Runs a command quietly and answers whether it succeeded. */
export async function succeeds(command, args) {
  return (await run(command, args, { stdio: 'ignore' })) === 0;
}

/** Runs a command and leaves with its exit code if it fails. */
export async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) process.exit(code);
}

/** Whether a window can be opened. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Path of a program that cargo built. */
export function built(name, profile = 'debug') {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
  return path.join(target, profile, process.platform === 'win32' ? `${name}.exe` : name);
}
