// The window in Chromium, against the real core behind `decoupage serve`.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { runWell } from './command.mjs';
import { systemProgram, temporaryFolder } from './places.mjs';
import { Server } from './server.mjs';
import { LONGEST_MS, SCENARIO_MS, eventually } from './waiting.mjs';
import { WindowPage } from './window-page.mjs';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** Everything one test has: a home of its own, a server, a page; and what went wrong in them. */
export class Scene {
  #browser = null;
  #context = null;
  #pages = 0;
  #allowed = [];
  /** Errors of pages, and requests that left this machine. */
  complaints = [];
  servers = [];
  page = null;
  window = null;

  constructor(folder) {
    this.folder = folder;
    this.project = path.join(folder, 'Test.decoupage');
  }

  get server() {
    return this.servers.at(-1);
  }

  path(...parts) {
    return path.join(this.folder, ...parts);
  }

  /** Makes the test's project with the command line. */
  async newProject(...args) {
    await runWell(this.folder, 'new', this.project, ...args);
  }

  async serve(project = this.project) {
    const server = await Server.start(this.folder, project ?? undefined);
    this.servers.push(server);
    return server;
  }

  /** Serves the project and opens the window on it. */
  async open(project = this.project) {
    await this.serve(project);
    await this.show();
  }

  /** Opens a fresh browser page on the running server. */
  async show(url = this.server.url) {
    this.#browser ??= await chromium.launch({
      executablePath: systemProgram(['chromium', 'chromium-browser', 'google-chrome'], 'chromium'),
      args: FLAGS,
      timeout: LONGEST_MS,
    });
    await this.#context?.close();
    this.#context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
    });
    this.#context.setDefaultTimeout(LONGEST_MS);
    const page = await this.#context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || /Content Security Policy/i.test(message.text())) {
        this.#complain(`console: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('pageerror', (error) => this.#complain(`error: ${error.stack ?? error.message}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.hostname !== '127.0.0.1') {
        this.#complain(`the page asked for ${request.url()}`);
      }
    });
    this.page = page;
    this.window = new WindowPage(page);
    await page.goto(url);
  }

  /** Closes the page as a person closes a tab. */
  async hide() {
    await this.page?.close({ runBeforeUnload: false });
    this.page = null;
  }

  /** What a scenario provokes on purpose is no complaint. */
  allow(pattern) {
    this.#allowed.push(pattern);
  }

  #complain(text) {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.complaints.push(text);
  }

  /** The project as it lies on disk. */
  async onDisk(what, check) {
    const { readFileSync } = await import('node:fs');
    return eventually(what, () =>
      check(JSON.parse(readFileSync(path.join(this.project, 'project.json'), 'utf8'))),
    );
  }

  async screenshot(name) {
    if (!this.page || this.page.isClosed()) return null;
    const folder = this.path('screenshots');
    mkdirSync(folder, { recursive: true });
    this.#pages += 1;
    const file = path.join(folder, `${this.#pages}-${name}.png`);
    await this.page.screenshot({ path: file, timeout: LONGEST_MS }).catch(() => undefined);
    return existsSync(file) ? file : null;
  }

  async close() {
    await this.#browser?.close().catch(() => undefined);
    for (const server of this.servers) await server.stop();
  }
}

/**
 * A test of the window in a browser. `body` gets a fresh scene; a page error, a message of the
 * content security policy or a request beyond loopback fails the test as well.
 */
export function scenario(name, body) {
  test(name, { timeout: SCENARIO_MS }, async () => {
    const { folder, clear } = temporaryFolder();
    const scene = new Scene(folder);
    try {
      await body(scene);
      if (scene.complaints.length > 0) throw new Error('The page complained.');
    } catch (error) {
      const shot = await scene.screenshot('failed');
      const said = [
        error.message,
        ...scene.complaints.map((text) => `page: ${text}`),
        ...scene.servers.map((server) => server.errors && `server: ${server.errors.trim()}`),
        shot && `screenshot: ${shot}`,
      ].filter(Boolean);
      await scene.close();
      // The folder stays for whoever looks into it.
      const failure = new Error(said.join('\n'), { cause: error });
      failure.stack = `${failure.message}\n${error.stack?.split('\n').slice(1).join('\n') ?? ''}`;
      throw failure;
    }
    await scene.close();
    clear();
  });
}
