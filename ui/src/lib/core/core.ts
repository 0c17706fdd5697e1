/** What the window knows of the core: one question, one answer, one stream of events. */
import type { Event } from './types/Event';
import type { Fault } from './types/Fault';
import type { Request } from './types/Request';
import type { Response } from './types/Response';

export type CoreEvent = Event;
export type Answer<Is extends Response['is']> = Extract<Response, { is: Is }>;

export interface Core {
  /** Answers, or rejects with a {@link Fault}. */
  ask(request: Request): Promise<Response>;
  /** Hears every event until the returned function is called. */
  listen(hear: (event: CoreEvent) => void): () => void;
}

/** One stream from the core, heard by everyone who listens. */
export class Listeners {
  readonly #start: (hear: (event: CoreEvent) => void) => () => void;
  readonly #hearing = new Set<(event: CoreEvent) => void>();
  #stop: (() => void) | null = null;

  constructor(start: (hear: (event: CoreEvent) => void) => () => void) {
    this.#start = start;
  }

  listen(hear: (event: CoreEvent) => void): () => void {
    this.#hearing.add(hear);
    this.#stop ??= this.#start((event) => [...this.#hearing].forEach((each) => each(event)));
    return () => {
      this.#hearing.delete(hear);
      if (this.#hearing.size > 0) return;
      this.#stop?.();
      this.#stop = null;
    };
  }
}

/** Files over the window, in CSS pixels from its top left. */
export type Drop =
  | { at: 'over'; x: number; y: number }
  | { at: 'leave' }
  | { at: 'drop'; x: number; y: number; paths: string[] }
  /** Files on their way to the core, where the shell cannot hand over paths. */
  | { at: 'receiving'; x: number; y: number; count: number }
  | { at: 'refused'; fault: Fault };

/** System dialogs, where the shell has them. */
export interface Dialogs {
  files(title: string): Promise<string[]>;
  folder(title: string): Promise<string | null>;
}

/** What surrounds the core: the desktop shell, a browser, or a fake. */
export interface Shell {
  readonly kind: 'desktop' | 'browser' | 'fake';
  readonly core: Core;
  readonly dialogs: Dialogs | null;
  listenDrops(hear: (drop: Drop) => void): () => void;
  /** Called once the window has been painted. */
  painted(): void;
  /** Names the window. */
  title(title: string): void;
  /** Calls `flush` before the window goes away. */
  beforeClose(flush: () => Promise<void>): () => void;
}

export function isFault(value: unknown): value is Fault {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Fault).code === 'string' &&
    typeof (value as Fault).message === 'string'
  );
}

/** Turns whatever was thrown into a fault with one sentence. */
export function toFault(thrown: unknown): Fault {
  if (isFault(thrown)) return thrown;
  const said = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : '';
  return {
    code: 'internal',
    message: said ? `Something went wrong: ${said}` : 'Something went wrong.',
  };
}

/** Asks for an answer of one kind; any other answer is a fault of ours. */
export async function askFor<Is extends Response['is']>(
  core: Core,
  is: Is,
  request: Request,
): Promise<Answer<Is>> {
  const answer = await core.ask(request);
  if (answer.is === is) return answer as Answer<Is>;
  const fault: Fault = {
    code: answer.is === 'no_project' ? 'invalid' : 'internal',
    message:
      answer.is === 'no_project'
        ? 'No project is open.'
        : `The core answered “${answer.is}” where “${is}” was expected.`,
  };
  throw fault;
}
