/** Which shell this window runs in. */
import type { Shell } from './core';

const TOKEN_KEY = 'decoupage-token';

/** The token of the address, kept for reloads and taken out of what can be seen or shared. */
function takeToken(): string {
  const address = new URL(window.location.href);
  const token = address.searchParams.get('token');
  if (token !== null) {
    window.sessionStorage.setItem(TOKEN_KEY, token);
    address.searchParams.delete('token');
    window.history.replaceState(null, '', address);
    return token;
  }
  return window.sessionStorage.getItem(TOKEN_KEY) ?? '';
}

export async function chooseShell(): Promise<Shell> {
  if (window.__TAURI_INTERNALS__ !== undefined) {
    const { desktopShell } = await import('./desktop/shell');
    return desktopShell();
  }
  if (__FAKE_CORE__ && new URL(window.location.href).searchParams.has('fake')) {
    const { fakeShell } = await import('./fake/shell');
    return fakeShell();
  }
  const { browserShell } = await import('./browser/shell');
  return browserShell(takeToken());
}
