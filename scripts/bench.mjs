// Runs the benchmarks one after another and prints each as a JSON line.
//
//   npm run bench
//
// Quote ratios and medians, from a machine that does nothing else; docs/benchmarks.md says what
// each means and keeps the last numbers.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { built, hasDisplay, must, root } from './run.mjs';

const ROUNDS = 7;

await must('node', ['scripts/setup.mjs', '--tests']);
await must('npm', ['run', '--silent', 'ui:build']);
await must('cargo', ['bench', '--quiet', '-p', 'decoupage-media']);
await must('cargo', ['bench', '--quiet', '-p', 'decoupage-accuracy', '--bench', 'readings']);
await must('cargo', ['bench', '--quiet', '-p', 'decoupage-app', '--bench', 'interpretation']);
await must('cargo', ['build', '--quiet', '--release', '-p', 'decoupage-desktop', '--features', 'custom-protocol']);
await firstPaint();

/** From starting the window's process to its first painted frame, the sample shot in it. */
async function firstPaint() {
  const home = mkdtempSync(path.join(tmpdir(), 'decoupage-bench-'));
  const env = { ...process.env, DECOUPAGE_HOME: home, DECOUPAGE_REPORT_PAINT: '1' };
  let display;
  if (!hasDisplay()) {
    env.DISPLAY = ':97';
    env.WEBKIT_DISABLE_DMABUF_RENDERER = '1';
    display = spawn('Xvfb', [env.DISPLAY, '-screen', '0', '1500x960x24', '-noreset', '-nolisten', 'tcp'], { stdio: 'ignore' });
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const times = [];
  try {
    // The first round makes the sample shot and is not counted.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const time = await paintOnce(env);
      if (round > 0) times.push(time);
    }
  } finally {
    display?.kill();
    rmSync(home, { recursive: true, force: true });
  }
  times.sort((a, b) => a - b);
  console.log(
    JSON.stringify({ bench: 'first_paint', rounds: ROUNDS, median_ms: times[Math.floor(ROUNDS / 2)], best_ms: times[0], worst_ms: times.at(-1) }),
  );
}

function paintOnce(env) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const window = spawn(built('decoupage-desktop', 'release'), [], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
    const tooLate = setTimeout(() => {
      window.kill();
      reject(new Error('The window did not paint within a minute.'));
    }, 60_000);
    window.stderr.on('data', (text) => {
      if (!String(text).includes('painted')) return;
      clearTimeout(tooLate);
      const time = Math.round(performance.now() - begun);
      window.once('close', () => resolve(time));
      window.kill();
    });
  });
}
