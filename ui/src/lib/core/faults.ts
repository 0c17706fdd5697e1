/** The one table of faults: how loud each code is, its heading, and what the window offers. */
import type { Code } from './types/Code';
import type { Fault } from './types/Fault';

export type Severity = 'quiet' | 'note' | 'warning' | 'problem';
/** What a person can do about it from here. */
export type Remedy = 'find' | 'save_copy' | 'retry' | 'open_other' | 'none';

export interface FaultWords {
  severity: Severity;
  title: string;
  remedy: Remedy;
  /** Label of the button, where there is a remedy. */
  action: string;
}

const TABLE: Record<Code, FaultWords> = {
  cancelled: { severity: 'quiet', title: 'Cancelled', remedy: 'none', action: '' },
  missing: { severity: 'warning', title: 'Not found', remedy: 'find', action: 'Find…' },
  denied: {
    severity: 'warning',
    title: 'No access',
    remedy: 'open_other',
    action: 'Choose another…',
  },
  disk_full: {
    severity: 'problem',
    title: 'Disk full',
    remedy: 'save_copy',
    action: 'Save a copy elsewhere…',
  },
  damaged: { severity: 'warning', title: 'Damaged file', remedy: 'none', action: '' },
  unsupported: { severity: 'note', title: 'Cannot be used here', remedy: 'none', action: '' },
  too_large: { severity: 'warning', title: 'Too large', remedy: 'none', action: '' },
  newer_version: {
    severity: 'problem',
    title: 'From a newer version',
    remedy: 'open_other',
    action: 'Open another…',
  },
  invalid: { severity: 'note', title: 'Not possible', remedy: 'none', action: '' },
  network: {
    severity: 'warning',
    title: 'No connection',
    remedy: 'retry',
    action: 'Try again',
  },
  out_of_memory: {
    severity: 'warning',
    title: 'Not enough memory',
    remedy: 'none',
    action: '',
  },
  internal: { severity: 'problem', title: 'A fault of ours', remedy: 'retry', action: 'Try again' },
};

export function wordsFor(fault: Fault): FaultWords {
  return TABLE[fault.code] ?? TABLE.internal;
}

/** One sentence, then what to do. */
export function sentence(fault: Fault): string {
  return fault.advice ? `${fault.message} ${fault.advice}` : fault.message;
}

/** The last part of a path, for people. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
