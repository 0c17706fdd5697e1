// The real window on a screen of its own, driven by WebKit's driver.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { remote } from 'webdriverio';
import { environment, ownProgram, root, systemProgram, temporaryFolder } from './places.mjs';
import { SCENARIO_MS, eventually } from './waiting.mjs';

const SCREEN = '2000x1000x24';
/** Time for the window toolkits to take in each move of a drag. */
const DRAG_STEP_MS = 60;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Collects the lines that a stream says. */
function linesOf(stream) {
  const heard = { lines: [], ended: false };
  let rest = '';
  stream.setEncoding('utf8').on('data', (piece) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop();
    heard.lines.push(...lines.map((line) => line.trim()).filter(Boolean));
  });
  stream.on('close', () => (heard.ended = true));
  return heard;
}

/** Everything one test of the desktop window has. */
export class Desk {
  #children = [];
  #said = '';
  #env = {};
  browser = null;

  constructor(folder) {
    this.folder = folder;
    this.project = path.join(folder, 'Test.decoupage');
  }

  path(...parts) {
    return path.join(this.folder, ...parts);
  }

  /** What programs said on standard error. */
  get said() {
    return this.#said.trim();
  }

  #spawn(program, args, options = {}) {
    const child = spawn(program, args, { env: this.#env, ...options });
    child.stderr?.setEncoding('utf8').on('data', (text) => (this.#said += text));
    child.on('error', (error) => (this.#said += `${program}: ${error.message}\n`));
    this.#children.push(child);
    return child;
  }

  #run(program, args) {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args.map(String), { env: this.#env });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
      child.on('error', reject);
      child.on('close', (code) =>
        code === 0 ? resolve(out.trim()) : reject(new Error(`${program} ${args.join(' ')}: ${err}`)),
      );
    });
  }

  /** Opens the window on a project, or on the sample shot. */
  async open(project) {
    const application = ownProgram(
      'decoupage-desktop',
      '-p decoupage-desktop --features custom-protocol',
    );
    const driver = systemProgram('WebKitWebDriver', 'webkit2gtk-driver');
    if (!this.#env.DISPLAY) await this.#screen();
    const port = await freePort();
    const child = this.#spawn(driver, [`--port=${port}`, '--host=127.0.0.1'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await eventually('the driver listens', () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      return new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1');
        socket.on('connect', () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('close', () => socket.destroy());
        socket.on('connect', () => socket.destroy());
      });
    });
    this.browser = await remote({
      hostname: '127.0.0.1',
      port,
      logLevel: 'silent',
      connectionRetryTimeout: 120_000,
      connectionRetryCount: 0,
      capabilities: {
        'wdio:enforceWebDriverClassic': true,
        'webkitgtk:browserOptions': { binary: application, args: project ? [project] : [] },
      },
    });
    // From here on what goes wrong in the page is kept for the end of the test.
    await this.browser.execute(() => {
      window.complaints = [];
      addEventListener('error', (event) => window.complaints.push(event.message));
      addEventListener('unhandledrejection', (event) => window.complaints.push(String(event.reason)));
      addEventListener('securitypolicyviolation', (event) =>
        window.complaints.push(`policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
  }

  async #screen() {
    const xvfb = systemProgram('Xvfb', 'xvfb');
    this.#env = environment(this.folder);
    for (const name of ['WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS']) delete this.#env[name];
    const runtime = this.path('run');
    mkdirSync(runtime, { mode: 0o700 });
    // It chooses a number that is free and tells it.
    const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-noreset', '-nolisten', 'tcp'];
    const child = this.#spawn(xvfb, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    const told = linesOf(child.stdio[3]);
    const number = await eventually('the screen is there', () => {
      if (told.ended && told.lines.length === 0) throw new Error(this.said);
      return told.lines[0];
    });
    Object.assign(this.#env, {
      DISPLAY: `:${number}`,
      XDG_RUNTIME_DIR: runtime,
      GDK_BACKEND: 'x11',
      GTK_THEME: 'Adwaita',
      NO_AT_BRIDGE: '1',
      TAURI_WEBVIEW_AUTOMATION: 'true',
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
    });
  }

  /** Errors of the page since it opened. */
  async complaints() {
    return (await this.browser?.execute(() => window.complaints).catch(() => null)) ?? [];
  }

  /** The window's number and where its corner is on the screen. */
  async frame() {
    const xdotool = systemProgram('xdotool', 'xdotool');
    return eventually('the window is on the screen', async () => {
      const ids = (await this.#run(xdotool, ['search', '--onlyvisible', '--name', 'Decoupage'])).split('\n');
      for (const id of ids) {
        const text = await this.#run(xdotool, ['getwindowgeometry', '--shell', id]);
        const at = Object.fromEntries(text.split('\n').map((line) => line.split('=')));
        if (Number(at.WIDTH) > 500) return { id, x: Number(at.X), y: Number(at.Y), width: Number(at.WIDTH) };
      }
      return null;
    });
  }

  /** Drags files out of another program and drops them on an element of the window. */
  async drop(element, files) {
    const xdotool = systemProgram('xdotool', 'xdotool');
    const frame = await this.frame();
    const source = { x: frame.x + frame.width + 120, y: 200 };
    const script = path.join(root, 'tests', 'desktop', 'drag_source.py');
    const child = this.#spawn('/usr/bin/python3', [script, source.x, source.y, ...files].map(String), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const told = linesOf(child.stdout);
    await eventually('the drag source is ready', () => told.ended || told.lines.includes('ready'));
    if (!told.lines.includes('ready')) {
      throw new Error(`GTK for Python is needed: apt-get install python3-gi gir1.2-gtk-3.0\n${this.said}`);
    }
    const id = await eventually('the drag source is on the screen', async () =>
      this.#run(xdotool, ['search', '--onlyvisible', '--name', '^Drag source$']),
    );
    const text = await this.#run(xdotool, ['getwindowgeometry', '--shell', id.split('\n')[0]]);
    const at = Object.fromEntries(text.split('\n').map((line) => line.split('=')));
    const from = { x: Number(at.X) + Number(at.WIDTH) / 2, y: Number(at.Y) + Number(at.HEIGHT) / 2 };
    const { x, y } = await element.getLocation();
    const { width, height } = await element.getSize();
    const to = { x: frame.x + x + width / 2, y: frame.y + y + height / 2 };
    const move = async (x, y) => {
      await this.#run(xdotool, ['mousemove', Math.round(x), Math.round(y)]);
      await pause(DRAG_STEP_MS);
    };
    await move(from.x, from.y);
    await this.#run(xdotool, ['mousedown', 1]);
    // A nudge tells a drag from a click.
    for (let nudge = 1; nudge <= 6; nudge += 1) await move(from.x - 4 * nudge, from.y);
    const steps = 20;
    for (let step = 1; step <= steps; step += 1) {
      const share = step / steps;
      await move(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share);
    }
    for (let nudge = 1; nudge <= 4; nudge += 1) await move(to.x + nudge, to.y);
    await this.#run(xdotool, ['mouseup', 1]);
    // What is dropped is handed over after the button is let go.
    await eventually('the drag ends', () => told.lines.includes('ended'));
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  }

  /** Closes the window as its close button does, and waits until the program has ended. */
  async closeWindow() {
    const { id } = await this.frame();
    const pid = await this.#run(systemProgram('xdotool', 'xdotool'), ['getwindowpid', id]);
    const script = path.join(root, 'tests', 'desktop', 'close_window.py');
    await this.#run('/usr/bin/python3', [script, id]);
    await eventually('the program ends', () => {
      try {
        process.kill(Number(pid), 0);
        return /State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return true;
      }
    });
    this.browser = null;
  }

  async screenshot(name) {
    const file = this.path(`${name}.png`);
    try {
      await this.browser?.saveScreenshot(file);
      return this.browser ? file : null;
    } catch {
      return null;
    }
  }

  async end() {
    await this.browser?.deleteSession().catch(() => undefined);
    this.browser = null;
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill();
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    }
  }
}

/** A test of the desktop window; what goes wrong in its page fails the test as well. */
export function desktopScenario(name, body) {
  test(name, { timeout: SCENARIO_MS }, async () => {
    const { folder, clear } = temporaryFolder();
    const desk = new Desk(folder);
    let failure = null;
    try {
      await body(desk);
      const complaints = await desk.complaints();
      if (complaints.length > 0) throw new Error(`The page complained: ${complaints.join('; ')}`);
    } catch (error) {
      const shot = await desk.screenshot('failed');
      const said = [error.message, desk.said, shot && `screenshot: ${shot}`].filter(Boolean);
      failure = new Error(said.join('\n'), { cause: error });
      failure.stack = `${failure.message}\n${error.stack?.split('\n').slice(1).join('\n') ?? ''}`;
    }
    await desk.end();
    // After a failure the folder stays for whoever looks into it.
    if (failure) throw failure;
    clear();
  });
}
