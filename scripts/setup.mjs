// Installs what the project needs, or says in one line what to install.
//
//   node scripts/setup.mjs            to build and run
//   node scripts/setup.mjs --tests    and to test
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, succeeds } from './run.mjs';

const tests = process.argv.includes('--tests');

/** What is needed, how to see that it is there, and its name in each package system. */
const needs = [
  { pkg: 'webkit2gtk-4.1', apt: 'libwebkit2gtk-4.1-dev', dnf: 'webkit2gtk4.1-devel', pacman: 'webkit2gtk-4.1' },
  { pkg: 'openssl', apt: 'libssl-dev', dnf: 'openssl-devel', pacman: 'openssl' },
  { pkg: 'libavcodec', apt: 'libavcodec-dev', dnf: 'ffmpeg-devel', pacman: 'ffmpeg', brew: 'ffmpeg' },
  { pkg: 'libavformat', apt: 'libavformat-dev', dnf: 'ffmpeg-devel', pacman: 'ffmpeg', brew: 'ffmpeg' },
  { pkg: 'libavutil', apt: 'libavutil-dev', dnf: 'ffmpeg-devel', pacman: 'ffmpeg', brew: 'ffmpeg' },
  { pkg: 'libswscale', apt: 'libswscale-dev', dnf: 'ffmpeg-devel', pacman: 'ffmpeg', brew: 'ffmpeg' },
  { pkg: 'libswresample', apt: 'libswresample-dev', dnf: 'ffmpeg-devel', pacman: 'ffmpeg', brew: 'ffmpeg' },
  { program: 'clang', apt: 'clang', dnf: 'clang', pacman: 'clang', brew: 'llvm' },
  { program: 'cc', apt: 'build-essential', dnf: 'gcc gcc-c++ make', pacman: 'base-devel' },
  { file: '/usr/share/fonts', apt: 'fonts-inter', only: 'fonts' },
];

/** What the tests of the windows need; without it those tests cannot run. */
const testNeeds = [
  { program: 'Xvfb', apt: 'xvfb', dnf: 'xorg-x11-server-Xvfb', pacman: 'xorg-server-xvfb' },
  { program: 'WebKitWebDriver', apt: 'webkit2gtk-driver', dnf: 'webkit2gtk4.1', pacman: 'webkit2gtk-4.1' },
  { program: 'xdotool', apt: 'xdotool', dnf: 'xdotool', pacman: 'xdotool' },
  { program: 'chromium', apt: 'chromium', dnf: 'chromium', pacman: 'chromium' },
  { program: 'ffmpeg', apt: 'ffmpeg', dnf: 'ffmpeg', pacman: 'ffmpeg', brew: 'ffmpeg' },
  { python: 'gi', apt: 'python3-gi gir1.2-gtk-3.0', dnf: 'python3-gobject gtk3', pacman: 'python-gobject gtk3' },
];

async function isThere(need) {
  if (need.only === 'fonts') return true;
  if (need.pkg) return succeeds('pkg-config', ['--exists', need.pkg]);
  if (need.python) {
    // The system's own Python: that is where the system's packages are.
    return succeeds('/usr/bin/python3', ['-c', "import gi; gi.require_version('Gtk', '3.0')"]);
  }
  return succeeds('sh', ['-c', `command -v ${need.program}`]);
}

async function missing() {
  const found = [];
  if (!(await succeeds('sh', ['-c', 'command -v pkg-config']))) {
    found.push({ apt: 'pkg-config', dnf: 'pkgconf-pkg-config', pacman: 'pkgconf', brew: 'pkg-config' });
  }
  // libclang has no pkg-config file of its own.
  if (process.platform === 'linux' && !(await succeeds('sh', ['-c', 'ls /usr/lib*/libclang*.so* /usr/lib*/*/libclang*.so* /usr/lib/llvm*/lib/libclang*.so* 2>/dev/null | grep -q .']))) {
    found.push({ apt: 'libclang-dev', dnf: 'clang-devel', pacman: 'clang' });
  }
  for (const need of tests ? [...needs, ...testNeeds] : needs) {
    if (process.platform === 'darwin' && !need.brew) continue;
    if (!(await isThere(need))) found.push(need);
  }
  return found;
}

const managers = [
  { name: 'apt', program: 'apt-get', install: 'apt-get install -y --no-install-recommends' },
  { name: 'dnf', program: 'dnf', install: 'dnf install -y' },
  { name: 'pacman', program: 'pacman', install: 'pacman -S --needed --noconfirm' },
  { name: 'brew', program: 'brew', install: 'brew install' },
];

async function installSystemPackages() {
  // On Windows FFmpeg comes as a development archive, which no package manager installs.
  if (process.platform === 'win32') {
    if (!process.env.FFMPEG_DIR) {
      console.error('decoupage: Install FFmpeg (shared, development files) and set FFMPEG_DIR to its folder.');
      process.exit(1);
    }
    return;
  }
  const absent = await missing();
  if (absent.length === 0) return;
  let manager;
  for (const candidate of managers) {
    if (await succeeds('sh', ['-c', `command -v ${candidate.program}`])) {
      manager = candidate;
      break;
    }
  }
  const names = [...new Set(absent.flatMap((need) => (need[manager?.name ?? 'apt'] ?? need.apt).split(' ')))];
  const line = `${manager?.install ?? 'install'} ${names.join(' ')}`;
  const root_ = process.getuid?.() === 0;
  const mayInstall =
    manager && (manager.name === 'brew' || root_ || (await succeeds('sudo', ['-n', 'true'])));
  if (!mayInstall) {
    console.error(`decoupage: Some system packages are missing. Install them with:\n  sudo ${line}`);
    process.exit(1);
  }
  console.log(`Installing: ${names.join(' ')}`);
  const prefix = manager.name === 'brew' || root_ ? [] : ['sudo'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const step = (text) => {
    const words = [...prefix, ...text.split(' ')];
    return run(words[0], words.slice(1), { env });
  };
  if (manager.name === 'apt') await step('apt-get update -qq');
  if ((await step(line)) !== 0) {
    console.error(`decoupage: That did not work. Install them by hand with:\n  sudo ${line}`);
    process.exit(1);
  }
}

async function installNodePackages() {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  const mark = createHash('sha256').update(lock).digest('hex');
  const stamp = path.join(root, 'node_modules', '.decoupage-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === mark) return;
  if ((await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) !== 0) {
    console.error('decoupage: The interface’s packages could not be installed. Is there a network?');
    process.exit(1);
  }
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, mark);
}

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`decoupage: Node 20 or later is needed; this is ${process.versions.node}.`);
  process.exit(1);
}
if (!(await succeeds('cargo', ['--version']))) {
  console.error('decoupage: Rust is needed: install it from https://rustup.rs.');
  process.exit(1);
}
await installSystemPackages();
await installNodePackages();
