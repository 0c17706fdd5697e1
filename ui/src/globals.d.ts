/** Whether the fake core may be asked for (`?fake`): in development and tests only. */
declare const __FAKE_CORE__: boolean;

interface Window {
  /** Set by the desktop shell. */
  __TAURI_INTERNALS__?: unknown;
}
