// The server answers this person on this machine, and nobody else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { scenario } from '../support/browser.mjs';

const HELLO = JSON.stringify({ do: 'hello' });

scenario('without the right token there is no data', async (scene) => {
  await scene.newProject();
  const server = await scene.serve();
  const ask = (headers) =>
    server.send({
      method: 'POST',
      path: '/api/ask',
      headers: { 'content-type': 'application/json', ...headers },
      body: HELLO,
    });
  assert.equal((await ask({ authorization: `Bearer ${server.token}` })).status, 200);
  assert.equal((await ask({})).status, 401);
  assert.equal((await ask({ authorization: 'Bearer ' })).status, 401);
  assert.equal((await ask({ authorization: `Bearer ${'0'.repeat(64)}` })).status, 401);
  assert.equal((await ask({ authorization: `Bearer ${server.token}0` })).status, 401);
  assert.equal((await ask({ authorization: server.token })).status, 401);
  assert.equal((await server.send({ path: '/api/events?token=wrong' })).status, 401);
  assert.equal((await server.send({ path: '/api/events' })).status, 401);
  const upload = { method: 'POST', path: '/api/upload?name=x.png', body: 'x' };
  assert.equal((await server.send(upload)).status, 401);
  // Another run has another token: an old address is no key.
  const old = server.token;
  await server.stop();
  const next = await scene.serve();
  assert.notEqual(next.token, old);
  const late = await next.send({
    method: 'POST',
    path: '/api/ask',
    headers: { authorization: `Bearer ${old}` },
    body: HELLO,
  });
  assert.equal(late.status, 401);
});

scenario('an address with the wrong token is explained in the window', async (scene) => {
  await scene.newProject();
  await scene.serve();
  scene.allow(/401/);
  await scene.show(`${scene.server.origin}/?token=${'0'.repeat(64)}`);
  const alert = scene.page.getByRole('alert');
  await alert.getByText(/not the one the core printed/).waitFor();
  await scene.page.getByRole('button', { name: 'Try again' }).waitFor();
});

scenario('pages of other sites and other names for this machine are refused', async (scene) => {
  await scene.newProject();
  const server = await scene.serve();
  const authorization = `Bearer ${server.token}`;
  const ask = (headers) =>
    server.send({ method: 'POST', path: '/api/ask', headers: { authorization, ...headers }, body: HELLO });
  assert.equal((await ask({ origin: server.origin })).status, 200);
  assert.equal((await ask({ origin: `http://localhost:${server.port}`, host: `localhost:${server.port}` })).status, 200);
  for (const origin of [
    'https://example.com',
    'http://127.0.0.1',
    `http://127.0.0.1:${server.port + 1}`,
    `https://127.0.0.1:${server.port}`,
    `http://127.0.0.1:${server.port}.example.com`,
    'null',
  ]) {
    assert.equal((await ask({ origin })).status, 403, origin);
  }
  for (const host of ['example.com', `example.com:${server.port}`, '127.0.0.1', `0.0.0.0:${server.port}`]) {
    assert.equal((await ask({ host })).status, 403, host);
    assert.equal((await server.send({ path: '/', headers: { host } })).status, 403, host);
  }
  // No page elsewhere may read an answer either.
  const answer = await ask({ origin: server.origin });
  assert.equal(answer.headers['access-control-allow-origin'], undefined);
  assert.equal((await server.send({ method: 'OPTIONS', path: '/api/ask', headers: { origin: 'https://example.com' } })).status, 403);
});

scenario('the page may load nothing from elsewhere', async (scene) => {
  await scene.newProject();
  const server = await scene.serve();
  const page = await server.send({ path: '/' });
  assert.equal(page.status, 200);
  const policy = page.headers['content-security-policy'];
  assert.match(policy, /default-src 'self'/);
  assert.match(policy, /connect-src 'self'/);
  assert.ok(!/https?:|\*|unsafe-eval/.test(policy), policy);
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.ok(!/(?:src|href)="(?:https?:)?\/\//.test(page.body), 'no remote address in the page');
  // Nothing beside the interface is served.
  for (const path of ['/../Cargo.toml', '/..%2f..%2fetc%2fpasswd', '/project.json', '/etc/passwd', '//etc/passwd']) {
    assert.equal((await server.send({ path })).status, 404, path);
  }
});

scenario('it listens on loopback only', async (scene) => {
  await scene.newProject();
  const server = await scene.serve();
  const connects = (host) =>
    new Promise((resolve) => {
      const socket = net.connect({ host, port: server.port, timeout: 3000 });
      socket.on('connect', () => resolve(true));
      for (const end of ['error', 'timeout']) socket.on(end, () => resolve(false));
      socket.on('close', () => socket.destroy());
    });
  assert.equal(await connects('127.0.0.1'), true);
  const others = Object.values(networkInterfaces())
    .flat()
    .filter((address) => !address.internal && !address.address.startsWith('fe80'));
  for (const { address } of others) assert.equal(await connects(address), false, address);
  if (process.platform === 'linux') {
    // The kernel's table: this port is bound to 127.0.0.1 (0100007F) and to nothing else.
    const hex = server.port.toString(16).toUpperCase().padStart(4, '0');
    const table = execFileSync('cat', ['/proc/net/tcp', '/proc/net/tcp6'], { encoding: 'utf8' });
    const bound = table
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${hex}`))
      .map(([, local]) => local);
    assert.deepEqual(bound, [`0100007F:${hex}`]);
  }
});

scenario('a dropped file cannot climb out of its folder', async (scene) => {
  await scene.newProject();
  const server = await scene.serve();
  const upload = (name) =>
    server.send({
      method: 'POST',
      path: `/api/upload?name=${encodeURIComponent(name)}`,
      headers: { authorization: `Bearer ${server.token}` },
      body: 'words',
    });
  for (const name of ['../out.txt', 'a/../../out.txt', '..\\out.txt', '', '.', '/', 'a/b/c/d/e.txt']) {
    const answer = await upload(name);
    assert.notEqual(answer.status, 200, name);
    assert.equal(JSON.parse(answer.body).message, 'That file name cannot be used.', name);
  }
  const well = await upload('frames/0001.txt');
  assert.equal(well.status, 200);
  assert.match(JSON.parse(well.body).path, /frames\/0001\.txt$/);
});

scenario('two files of one name that are dropped one after the other are both kept', async (scene) => {
  await scene.newProject();
  const server = await scene.serve();
  const upload = async (body) => {
    const answer = await server.send({
      method: 'POST',
      path: '/api/upload?name=same.txt',
      headers: { authorization: `Bearer ${server.token}` },
      body,
    });
    return JSON.parse(answer.body).path;
  };
  const first = await upload('first');
  const second = await upload('second');
  assert.equal(readFileSync(second, 'utf8'), 'second');
  assert.equal(readFileSync(first, 'utf8'), 'first');
});
