/** A core in memory, for development and unit tests. A fake, not a mock: it keeps a document. */
import type { Core, CoreEvent } from '../core';
import type { Condition } from '../types/Condition';
import type { Edit } from '../types/Edit';
import type { Fault } from '../types/Fault';
import type { FileGuess } from '../types/FileGuess';
import type { JobEnd } from '../types/JobEnd';
import type { Models } from '../types/Models';
import type { Project } from '../types/Project';
import type { Request } from '../types/Request';
import type { Response } from '../types/Response';
import type { Section } from '../types/Section';
import type { Shot } from '../types/Shot';
import type { Take } from '../types/Take';
import type { View } from '../types/View';
import { composed } from './composed';
import { readCorrected } from './corrected';
import { fetched, sampleModels } from './models';
import { filmstrip, still } from './pictures';
import { mediumOf, PROFILES, samplePlot, sampleProject, sampleTrack, writtenTake } from './sample';

const SECTIONS: Section[] = ['dense', 'main_object', 'background', 'camera', 'style', 'action'];

function invalid(message: string): Fault {
  return { code: 'invalid', message };
}

interface Step {
  label: string;
  gesture: string | undefined;
  project: Project;
}

export class FakeCore implements Core {
  project: Project | null;
  folder = '/home/ana/Market.decoupage';
  /** Every request, oldest first. */
  readonly asked: Request[] = [];
  /** Milliseconds between the events of a job. */
  pace: number;
  models: Models = sampleModels();
  /** Makes the next interpretation fail so, once. */
  trouble: Extract<JobEnd, { end: 'failed' }> | null = null;
  /** Makes the next reading of a card fail so, once. */
  unreadable: { condition: number; fault: Fault } | null = null;
  /** Makes comparing the cards fail so. */
  uncomposed: Fault | null = null;
  /** Steps that a reading takes. */
  /** Pictures that a model was asked to describe. */
  readonly described = new Set<number>();
  readingSteps = 0;
  #undo: Step[] = [];
  #redo: Step[] = [];
  #hearing = new Set<(event: CoreEvent) => void>();
  #jobs = 0;
  #revision = 0;
  #cancelled = new Set<number>();

  constructor(options: { project?: Project | null; pace?: number } = {}) {
    this.project = options.project === undefined ? sampleProject() : options.project;
    this.pace = options.pace ?? 140;
  }

  listen(hear: (event: CoreEvent) => void): () => void {
    this.#hearing.add(hear);
    return () => this.#hearing.delete(hear);
  }

  tell(event: CoreEvent): void {
    this.#hearing.forEach((hear) => hear(structuredClone(event)));
  }

  async ask(request: Request): Promise<Response> {
    this.asked.push(structuredClone(request));
    await Promise.resolve();
    return structuredClone(this.#answer(request));
  }

  #view(): View {
    if (!this.project) throw invalid('No project is open.');
    this.#revision += 1;
    return {
      revision: this.#revision,
      project: this.project,
      folder: this.folder,
      undo: this.#undo.at(-1)?.label,
      redo: this.#redo.at(-1)?.label,
      save: { state: 'saved' },
      media: this.project.shots.flatMap((shot) => shot.conditions.map(mediumOf)),
      notices: [],
    };
  }

  #shot(id: number): Shot {
    const shot = this.project?.shots.find((shot) => shot.id === id);
    if (!shot) throw invalid('This shot is no longer there.');
    return shot;
  }

  #condition(id: number): Condition {
    const found = this.project?.shots.flatMap((shot) => shot.conditions).find((c) => c.id === id);
    if (!found) throw invalid('This card is no longer there.');
    return found;
  }

  #take(id: number): Take {
    const found = this.project?.shots.flatMap((shot) => shot.takes).find((take) => take.id === id);
    if (!found) throw invalid('This take is no longer there.');
    return found;
  }

  #answer(request: Request): Response {
    switch (request.do) {
      case 'hello':
        return {
          is: 'hello',
          version: '0.1.0',
          generators: PROFILES,
          dialogs: false,
          home: '/home/ana',
        };
      case 'open_sample':
      case 'open_project':
        this.project = sampleProject();
        return { is: 'view', view: this.#view() };
      case 'new_project':
        this.project = {
          ...sampleProject(),
          name: 'Untitled',
          shots: sampleProject().shots.slice(2),
        };
        return { is: 'view', view: this.#view() };
      case 'view':
        return this.project ? { is: 'view', view: this.#view() } : { is: 'no_project' };
      case 'save':
      case 'save_copy':
      case 'relocate':
      case 'import_caption':
        return { is: 'view', view: this.#view() };
      case 'edit':
        this.#edit(request.edit, request.gesture);
        return { is: 'view', view: this.#view() };
      case 'undo':
      case 'redo': {
        const [from, to] =
          request.do === 'undo' ? [this.#undo, this.#redo] : [this.#redo, this.#undo];
        const step = from.pop();
        if (step && this.project) {
          to.push({ ...step, project: this.project });
          this.project = step.project;
        }
        return { is: 'view', view: this.#view() };
      }
      case 'guess':
        return { is: 'guesses', guesses: request.paths.map(guess) };
      case 'add':
        return this.#job(async () => {
          const shot = this.#shot(request.shot);
          this.#remember(request.files.length > 1 ? 'Add files' : 'Add a file', undefined);
          const refused: FileGuess[] = [];
          const conditions: number[] = [];
          for (const file of request.files) {
            const guessed = guess(file.path);
            const kind = file.kind ?? guessed.kind;
            if (guessed.fault || !kind) refused.push(guessed);
            else {
              const id = this.#nextId();
              const name = file.path.split('/').at(-1) ?? file.path;
              this.#shot(shot.id).conditions.push({
                id,
                kind,
                name: file.name ?? name.replace(/\.\w+$/, ''),
                note: '',
                media: {
                  path: `media/${name}`,
                  storage: 'copied',
                  hash: `h${id}`,
                  bytes: 1000,
                  sequence: false,
                },
                offset_s: 0,
                place: file.place ?? { x: 0, y: 0 },
                options: {},
                corrections: [],
              });
              conditions.push(id);
            }
          }
          this.tell({ event: 'view', view: this.#view() });
          return { end: 'added', conditions, refused };
        });
      case 'find_missing':
        return this.#job(async () => ({ end: 'found', conditions: [] }));
      case 'read':
        return this.#read(request.condition);
      case 'describe':
        this.described.add(request.condition);
        return this.#read(request.condition);
      case 'still':
        return { is: 'picture', ...still(this.#condition(request.condition), request.time_s) };
      case 'filmstrip':
        return {
          is: 'filmstrip',
          url: filmstrip(this.#condition(request.condition), request.count),
          count: request.count,
          frame_width: 320,
          frame_height: 180,
        };
      case 'camera_plot':
        return { is: 'camera_plot', plot: samplePlot() };
      case 'skeleton':
        return { is: 'skeleton', track: sampleTrack() };
      case 'suggest_bindings': {
        const shot = this.#shot(request.shot);
        const camera = shot.conditions.find((condition) => condition.kind === 'camera');
        const bound = shot.bindings.some((binding) => binding.kind === 'shot_camera');
        if (!camera || bound) return { is: 'bindings', suggestions: [] };
        return {
          is: 'bindings',
          suggestions: [
            {
              binding: { kind: 'shot_camera', from: camera.id },
              because: 'It is the only camera path of this shot.',
            },
          ],
        };
      }
      case 'composition':
        if (this.uncomposed) throw this.uncomposed;
        return { is: 'composition', composition: composed(this.#shot(request.shot)), unread: [] };
      case 'models':
        return { is: 'models', models: this.models };
      case 'set_model_settings':
        this.models = { ...this.models, settings: request.settings };
        return { is: 'models', models: this.models };
      case 'set_key': {
        const others = this.models.keys.filter((name) => name !== request.endpoint);
        this.models = {
          ...this.models,
          keys: request.key === undefined ? others : [...others, request.endpoint],
        };
        return { is: 'models', models: this.models };
      }
      case 'go_smaller':
        this.models = {
          ...this.models,
          settings: {
            ...this.models.settings,
            ...(request.step === 'fewer_frames'
              ? { frames: Math.max(4, Math.floor(this.models.settings.frames / 2)) }
              : request.step === 'processor'
                ? { device: 'cpu' as const }
                : { precision: 'q8_0' as const }),
          },
        };
        return { is: 'models', models: this.models };
      case 'unload_model':
        return { is: 'done' };
      case 'download_model':
        return this.#job(async (job) => {
          const total = 8.8e9;
          for (let done = 0; done <= total; done += total / 8) {
            if (this.#cancelled.has(job)) return { end: 'cancelled' };
            this.tell({ event: 'progress', job, phase: 'downloading', done, total });
            await this.#pause();
          }
          this.models = fetched(this.models, request.model);
          return { end: 'model', model: request.model };
        });
      case 'verify_model':
        return this.#job(async () => ({
          end: 'verified',
          model: request.model,
          verification: { files: [], sound: true, sentence: 'All 14 files are as published.' },
        }));
      case 'try_endpoint':
        return this.#job(async () => ({
          end: 'endpoint',
          models: ['qwen3-vl-32b'],
          says: 'It answers, and keeps to the six sections by itself.',
        }));
      case 'interpret_all':
        return this.#job(async () => ({ end: 'takes', shots: request.shots, failed: [] }));
      case 'interpret':
        return this.#interpret(request);
      case 'cancel':
        this.#cancelled.add(request.job);
        return { is: 'done' };
      case 'check':
        return {
          is: 'findings',
          findings: [
            {
              severity: 'warning',
              check: 'prompt_kept',
              section: 'dense',
              text: 'The prompt asks for a still camera and the section lets it truck.',
              span: [120, 175],
            },
          ],
        };
      case 'compose': {
        const shot = this.#shot(request.shot);
        const take = this.#take(request.take ?? shot.current_take ?? -1);
        const text = SECTIONS.map((section) => take.caption[section]).join(' ');
        const profile = PROFILES.find((profile) => profile.key === request.generator);
        return {
          is: 'prompt',
          prompt: {
            generator: request.generator,
            text,
            negative: profile?.negative ?? undefined,
            budget: {
              used: Math.round(text.length / 4.3),
              limit: profile?.limit ?? null,
              estimated: true,
            },
            dropped: [],
            warnings:
              request.generator === 'wan-2.2'
                ? [
                    'The default negative prompt names “static”, and this shot ends on a still camera.',
                  ]
                : [],
          },
        };
      }
      case 'export':
        return {
          is: 'files',
          files: [`${request.folder}/past-the-stalls.wan-2.2.${request.format}`],
        };
      case 'browse':
        return {
          is: 'folder',
          folder: request.folder ?? '/home/ana',
          parent: request.folder && request.folder !== '/' ? '/home' : undefined,
          entries: [
            { name: 'Footage', path: '/home/ana/Footage', folder: true, project: false },
            {
              name: 'Market.decoupage',
              path: '/home/ana/Market.decoupage',
              folder: true,
              project: true,
            },
            { name: 'mara.png', path: '/home/ana/mara.png', folder: false, project: false },
            { name: 'walk.mp4', path: '/home/ana/walk.mp4', folder: false, project: false },
          ],
        };
    }
  }

  #nextId(): number {
    if (!this.project) throw invalid('No project is open.');
    this.project.next_id += 1;
    return this.project.next_id;
  }

  #remember(label: string, gesture: string | undefined): void {
    if (!this.project) throw invalid('No project is open.');
    const last = this.#undo.at(-1);
    this.#redo = [];
    if (gesture === undefined || last?.gesture !== gesture) {
      this.#undo.push({ label, gesture, project: structuredClone(this.project) });
    }
    this.project = structuredClone(this.project);
  }

  #edit(edit: Edit, gesture: string | undefined): void {
    this.#remember(edit.edit.replaceAll('_', ' '), gesture);
    this.#apply(edit);
  }

  #apply(edit: Edit): void {
    const project = this.project;
    if (!project) throw invalid('No project is open.');
    switch (edit.edit) {
      case 'batch':
        edit.edits.forEach((one) => this.#apply(one));
        break;
      case 'rename_project':
        project.name = edit.name;
        break;
      case 'add_shot':
        project.shots.push({
          id: this.#nextId(),
          name: edit.name,
          prompt: '',
          aspect: { width: 16, height: 9 },
          conditions: [],
          bindings: [],
          takes: [],
          generator: 'plain',
        });
        break;
      case 'duplicate_shot': {
        const shot = this.#shot(edit.shot);
        const copy = structuredClone(shot);
        copy.id = this.#nextId();
        copy.name = `${shot.name} copy`;
        copy.conditions.forEach((condition) => (condition.id = this.#nextId()));
        copy.bindings = [];
        project.shots.splice(project.shots.indexOf(shot) + 1, 0, copy);
        break;
      }
      case 'remove_shot':
        project.shots = project.shots.filter((shot) => shot.id !== edit.shot);
        break;
      case 'move_shot': {
        const shot = this.#shot(edit.shot);
        project.shots.splice(project.shots.indexOf(shot), 1);
        project.shots.splice(edit.to, 0, shot);
        break;
      }
      case 'rename_shot':
        this.#shot(edit.shot).name = edit.name;
        break;
      case 'set_prompt':
        this.#shot(edit.shot).prompt = edit.prompt;
        break;
      case 'set_duration':
        this.#shot(edit.shot).duration_s = edit.duration_s;
        break;
      case 'set_aspect':
        this.#shot(edit.shot).aspect = edit.aspect;
        break;
      case 'set_generator':
        this.#shot(edit.shot).generator = edit.generator;
        break;
      case 'remove_condition':
        for (const shot of project.shots) {
          shot.conditions = shot.conditions.filter((condition) => condition.id !== edit.condition);
          shot.bindings = shot.bindings.filter(
            (b) => b.from !== edit.condition && b.to !== edit.condition,
          );
        }
        break;
      case 'set_kind':
        this.#condition(edit.condition).kind = edit.kind;
        break;
      case 'rename_condition':
        this.#condition(edit.condition).name = edit.name;
        break;
      case 'set_note':
        this.#condition(edit.condition).note = edit.note;
        break;
      case 'set_region':
        this.#condition(edit.condition).region = edit.region;
        break;
      case 'set_options':
        this.#condition(edit.condition).options = edit.options;
        break;
      case 'set_corrections':
        this.#condition(edit.condition).corrections = edit.corrections;
        break;
      case 'set_offset':
        this.#condition(edit.condition).offset_s = edit.offset_s;
        break;
      case 'place_condition':
        this.#condition(edit.condition).place = edit.place;
        break;
      case 'bind':
        this.#shot(edit.shot).bindings.push(edit.binding);
        break;
      case 'unbind': {
        const shot = this.#shot(edit.shot);
        shot.bindings = shot.bindings.filter(
          (b) =>
            b.kind !== edit.binding.kind ||
            b.from !== edit.binding.from ||
            b.to !== edit.binding.to,
        );
        break;
      }
      case 'remove_take':
        for (const shot of project.shots) {
          shot.takes = shot.takes.filter((take) => take.id !== edit.take);
          if (shot.current_take === edit.take) shot.current_take = shot.takes.at(-1)?.id;
        }
        break;
      case 'rename_take':
        this.#take(edit.take).name = edit.name;
        break;
      case 'choose_take':
        this.#shot(edit.shot).current_take = edit.take;
        break;
      case 'write_section': {
        const take = this.#take(edit.take);
        take.caption[edit.section] = edit.text;
        const length = [...edit.text].length;
        take.origins[edit.section] = (take.origins[edit.section] ?? []).filter(
          (span) => span.end <= length,
        );
        break;
      }
      case 'lock_section': {
        const take = this.#take(edit.take);
        take.locked = take.locked.filter((section) => section !== edit.section);
        if (edit.locked) take.locked.push(edit.section);
        break;
      }
      default:
        throw invalid(`The fake core does not know “${edit.edit}”.`);
    }
  }

  #job(work: (job: number) => Promise<JobEnd>): Response {
    this.#jobs += 1;
    const job = this.#jobs;
    setTimeout(() => {
      void work(job)
        .catch((fault: Fault): JobEnd => ({ end: 'failed', fault, offers: [] }))
        .then((end) => this.tell({ event: 'end', job, end }));
    }, 0);
    return { is: 'job', job };
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.pace));
  }

  #read(condition: number): Response {
    return this.#job(async (job) => {
      for (let done = 0; done < this.readingSteps; done += 1) {
        this.tell({ event: 'progress', job, phase: 'decoding', done, total: this.readingSteps });
        await this.#pause();
        if (this.#cancelled.has(job)) return { end: 'cancelled' };
      }
      const { unreadable } = this;
      if (unreadable?.condition === condition) {
        this.unreadable = null;
        throw unreadable.fault;
      }
      const read = readCorrected(this.#condition(condition));
      if (this.described.has(condition) && read.reading.kind === 'identity') {
        read.reading = {
          ...read.reading,
          described: { text: 'A tall woman with short hair in a long coat.', model: 'Qwen3-VL 4B' },
        };
      }
      return { end: 'reading', condition, ...read };
    });
  }

  #interpret(request: Extract<Request, { do: 'interpret' }>): Response {
    const { trouble } = this;
    this.trouble = null;
    const local = request.engine !== undefined && request.engine !== 'measured';
    return this.#job(async (job) => {
      if (trouble) return trouble;
      const shot = this.#shot(request.shot);
      const made = writtenTake(0, `Take ${shot.takes.length + 1}`, shot.prompt);
      for (let done = 0; done < 5; done += 1) {
        if (this.#cancelled.has(job)) return { end: 'cancelled' };
        this.tell({ event: 'progress', job, phase: 'reading', done, total: 5 });
        await this.#pause();
      }
      this.tell({ event: 'trace', job, trace: made.trace });
      for (const [done, section] of SECTIONS.entries()) {
        if (this.#cancelled.has(job)) return { end: 'cancelled' };
        this.tell({ event: 'progress', job, phase: 'writing', done, total: SECTIONS.length });
        this.tell({ event: 'section', job, section, text: made.caption[section] });
        if (local) this.tell({ event: 'pace', job, tokens: 40 * (done + 1), tokens_per_s: 14 });
        await this.#pause();
      }
      this.#remember('Interpret', undefined);
      made.id = this.#nextId();
      const current = this.#shot(request.shot);
      current.takes.push(made);
      current.current_take = made.id;
      this.tell({ event: 'view', view: this.#view() });
      return { end: 'take', shot: shot.id, take: made.id, unfinished: false };
    });
  }
}

function guess(path: string): FileGuess {
  const ending = path.split('.').at(-1)?.toLowerCase() ?? '';
  if (['png', 'jpg', 'jpeg', 'webp'].includes(ending)) {
    return { path, kind: 'identity', confidence: 0.6, because: 'a still picture' };
  }
  if (['mp4', 'mov', 'webm'].includes(ending)) {
    return {
      path,
      kind: path.includes('pose') ? 'pose' : 'depth',
      confidence: 0.7,
      because: 'a clip',
    };
  }
  if (ending === 'txt') return { path, kind: 'camera', confidence: 0.8, because: 'camera poses' };
  return {
    path,
    confidence: 0,
    because: 'not media',
    fault: {
      code: 'unsupported',
      message: 'This is neither media, a camera path nor keypoints.',
      path,
    },
  };
}
