// Makes the installers, with the model worker beside the window's program.
//
//   npm run bundle
//   npm run bundle -- --worker PATH      with a further worker, such as one built for NVIDIA cards
//
// A worker's file is called as the application looks for it: decoupage-worker-cuda, say.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { built, must, root } from './run.mjs';

const arguments_ = process.argv.slice(2);
const further = [];
const passed = [];
while (arguments_.length > 0) {
  const argument = arguments_.shift();
  if (argument === '--worker') further.push(path.resolve(arguments_.shift() ?? ''));
  else passed.push(argument);
}
for (const worker of further) {
  if (!existsSync(worker)) {
    console.error(`decoupage: There is no worker at ${worker}. docs/gpu-builds.md says how to build one.`);
    process.exit(1);
  }
}

await must('node', ['scripts/setup.mjs']);
await must('cargo', ['build', '--release', '-p', 'decoupage-worker']);

// The bundler looks for NAME-TRIPLE and installs it as NAME.
const triple = /host: (\S+)/.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1];
const ending = process.platform === 'win32' ? '.exe' : '';
const folder = path.join(root, 'src-tauri', 'binaries');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const names = [built('decoupage-worker', 'release'), ...further].map((worker) => {
  const name = path.basename(worker, ending);
  copyFileSync(worker, path.join(folder, `${name}-${triple}${ending}`));
  return `binaries/${name}`;
});
// Not in tauri.conf.json itself: a plain cargo build would ask for the files too.
const config = path.join(folder, 'bundle.conf.json');
writeFileSync(config, JSON.stringify({ bundle: { externalBin: names } }));
await must('npx', ['--yes', '@tauri-apps/cli@~2.12', 'build', '--config', config, ...passed], {
  shell: process.platform === 'win32',
});
