// Sets up and runs every test: Rust, interface, end to end. One name runs only that part.
//
//   npm test                 all
//   npm test -- rust         only the parts whose name contains "rust"
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { must, root, run } from './run.mjs';

const only = process.argv[2];
const desktop = ['--features', 'decoupage-desktop/custom-protocol'];

/** Named one by one: Node takes a folder for one test file from version 22 on. */
const testsIn = (folder) => [
  '--test',
  '--test-concurrency=1',
  ...readdirSync(path.join(root, 'tests', folder))
    .filter((name) => name.endsWith('.test.mjs'))
    .sort()
    .map((name) => `tests/${folder}/${name}`),
];

await must('node', ['scripts/setup.mjs', '--tests']);

const steps = [
  ['interface: build', 'npm', ['run', '--silent', 'ui:build']],
  ['interface: types and components', 'npm', ['run', '--silent', 'ui:check']],
  ['interface: lint and format', 'npm', ['run', '--silent', 'ui:lint']],
  ['interface: unit tests', 'npm', ['run', '--silent', 'ui:test']],
  ['rust: format', 'cargo', ['fmt', '--all', '--check']],
  ['rust: lint', 'cargo', ['clippy', '--workspace', '--all-targets', ...desktop, '--', '-D', 'warnings']],
  ['rust: tests', 'cargo', ['test', '--workspace', ...desktop]],
  ['end to end: build', 'cargo', ['build', '--workspace', ...desktop]],
  ['end to end: command line', 'node', testsIn('command-line')],
  ['end to end: browser', 'node', testsIn('browser')],
  ['end to end: desktop window', 'node', testsIn('desktop')],
];

const chosen = only ? steps.filter(([name]) => name.includes(only)) : steps;
if (chosen.length === 0) {
  console.error(`No part is called “${only}”. Parts: ${steps.map(([name]) => name).join(', ')}.`);
  process.exit(2);
}
const failed = [];
for (const [name, command, args] of chosen) {
  console.log(`\n── ${name}`);
  const begun = Date.now();
  const code = await run(command, args);
  console.log(`── ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - begun) / 1000)} s`);
  if (code !== 0) failed.push(name);
}
console.log(`\n${failed.length === 0 ? 'All parts passed.' : `Failed: ${failed.join(', ')}.`}`);
console.log(`${chosen.length - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);
