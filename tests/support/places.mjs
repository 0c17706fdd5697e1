// Folders and programs the end-to-end tests use, and one plain line where one is missing.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { built, root } from '../../scripts/run.mjs';

export { root };

/** A folder of a test's own; `clear` takes it away again. */
export function temporaryFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'decoupage-test-'));
  return { folder, clear: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A program of the system by the first of its names that is there. */
export function systemProgram(names, install) {
  for (const name of [names].flat()) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // The next name.
    }
  }
  throw new Error(`${[names].flat()[0]} is needed for this test: apt-get install ${install}`);
}

/** A program that cargo built. */
export function ownProgram(name, build) {
  const program = built(name);
  if (!existsSync(program)) {
    throw new Error(`${name} is not built: npm run ui:build && cargo build ${build}`);
  }
  return program;
}

export const decoupage = () => ownProgram('decoupage', '-p decoupage-cli');

/** The environment of a person who has nothing but a temporary folder. */
export function environment(folder) {
  return {
    ...process.env,
    HOME: folder,
    DECOUPAGE_HOME: path.join(folder, 'data'),
    XDG_DATA_HOME: path.join(folder, 'data'),
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    XDG_CACHE_HOME: path.join(folder, 'cache'),
    HF_HOME: path.join(folder, 'cache', 'huggingface'),
    HF_HUB_CACHE: path.join(folder, 'cache', 'huggingface', 'hub'),
    RUST_BACKTRACE: '0',
  };
}
