// `decoupage serve`, started and stopped by a test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { decoupage, environment } from './places.mjs';
import { LONGEST_MS } from './waiting.mjs';

export class Server {
  #child;
  /** What it said on standard error. */
  errors = '';
  url = '';
  port = 0;
  token = '';

  /** Starts it on a project, or on the sample shot. `folder` is the person's home. */
  static async start(folder, project) {
    const server = new Server();
    const args = project === undefined ? ['serve'] : ['serve', '--open', project];
    const child = spawn(decoupage(), args, {
      cwd: folder,
      env: environment(folder),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    server.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text) => (server.errors += text));
    let out = '';
    await new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`decoupage serve ${why}.\n${server.errors}`));
      const late = setTimeout(() => fail('printed no address'), LONGEST_MS);
      child.on('error', (error) => fail(`did not start: ${error.message}`));
      child.on('exit', (code) => fail(`ended with ${code}`));
      child.stdout.setEncoding('utf8').on('data', (text) => {
        out += text;
        const found = /^(http:\/\/127\.0\.0\.1:(\d+)\/\?token=([0-9a-f]+))\s/m.exec(out);
        if (!found) return;
        clearTimeout(late);
        [, server.url, , server.token] = found;
        server.port = Number(found[2]);
        resolve();
      });
    }).catch((error) => {
      child.kill('SIGKILL');
      throw error;
    });
    return server;
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  get running() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks the core as the window does. Throws the core's sentence where it refuses. */
  async ask(request) {
    const answer = await this.send({
      method: 'POST',
      path: '/api/ask',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const said = JSON.parse(answer.body || 'null');
    if (answer.status !== 200) {
      throw new Error(`${request.do}: ${answer.status} ${said?.message ?? answer.body}`);
    }
    return said;
  }

  /** One request with exactly these headers (`fetch` would not let Host and Origin be forged). */
  send({ method = 'GET', path = '/', headers = {}, body = '' }) {
    return new Promise((resolve, reject) => {
      const request = http.request(
        { host: '127.0.0.1', port: this.port, method, path, headers, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece) => (text += piece));
          response.on('end', () =>
            resolve({ status: response.statusCode, headers: response.headers, body: text }),
          );
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Collects the core's events from now on; `stop` ends it. */
  async listen() {
    const events = [];
    const request = http.get({
      host: '127.0.0.1',
      port: this.port,
      path: `/api/events?token=${this.token}`,
      agent: false,
    });
    request.on('error', () => undefined);
    const [response] = await once(request, 'response');
    if (response.statusCode !== 200) throw new Error(`events: ${response.statusCode}`);
    let rest = '';
    response.setEncoding('utf8').on('data', (text) => {
      rest += text;
      const lines = rest.split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith('data:')) events.push(JSON.parse(line.slice(5)));
      }
    });
    response.on('error', () => undefined);
    return { events, stop: () => request.destroy() };
  }

  /** Ends it as a terminal does. */
  async stop() {
    if (!this.running) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGINT');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), LONGEST_MS / 4);
    await ended;
    clearTimeout(late);
  }

  /** Ends it without a word, as a crash or a power cut does. */
  async kill() {
    if (!this.running) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
