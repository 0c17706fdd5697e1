import type { Section } from "./Section";
export type Correction = { section: Section, start: number, end: number, replacement: string, };
