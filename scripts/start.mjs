// Sets everything up and opens the window on the sample shot; with no display, interprets the
// sample shot on the command line and says where the prompt files are.
import { built, hasDisplay, must, run } from './run.mjs';

await must('node', ['scripts/setup.mjs']);
await must('npm', ['run', '--silent', 'ui:build']);
if (hasDisplay()) {
  // The worker lies beside the window's program: that is where it is looked for.
  await must('cargo', ['build', '--quiet', '-p', 'decoupage-desktop', '-p', 'decoupage-worker', '--features', 'decoupage-desktop/custom-protocol']);
  process.exit(await run(built('decoupage-desktop'), process.argv.slice(2)));
}
console.log('No display here: the sample shot on the command line.\n');
await must('cargo', ['build', '--quiet', '-p', 'decoupage-cli', '-p', 'decoupage-worker']);
process.exit(await run(built('decoupage'), ['demo', ...process.argv.slice(2)]));
