/** What the menus do with files and folders. */
import type { ZoneSpec } from '../canvas/zones';
import type { App } from '../state/app.svelte';

export async function addFiles(app: App, zone: ZoneSpec | null): Promise<void> {
  const title = zone ? `Add files to ${zone.title}` : 'Add files to the shot';
  await app.adder.add(await app.picker.files(title), zone);
}

export async function openProject(app: App): Promise<void> {
  const folder = await app.picker.folder('Open a project folder', 'project');
  if (folder !== null) await app.document.open({ do: 'open_project', folder });
}

/** Makes `NAME.decoupage` inside a folder. */
export async function newProject(app: App, name: string): Promise<void> {
  const folder = await app.picker.folder('Choose where the project folder goes');
  if (folder === null) return;
  const safe =
    name
      .trim()
      .replace(/[\\/:*?"<>|]+/g, ' ')
      .trim() || 'Untitled';
  const inside = folder.endsWith('/') || folder.endsWith('\\') ? folder : `${folder}/`;
  await app.document.open({ do: 'new_project', folder: `${inside}${safe}.decoupage` });
}

export async function saveCopy(app: App): Promise<void> {
  const folder = await app.picker.folder('Choose where the copy goes');
  if (folder === null) return;
  const name = app.document.project?.name.replace(/[\\/:*?"<>|]+/g, ' ').trim() || 'Copy';
  await app.document.send({
    do: 'save_copy',
    folder: `${folder.replace(/[\\/]$/, '')}/${name}.decoupage`,
  });
}

/** Another file behind one card. */
export async function relocate(app: App, condition: number, name: string): Promise<void> {
  const [path] = await app.picker.files(`Find the file of “${name}”`);
  if (path !== undefined) await app.document.send({ do: 'relocate', condition, path });
}

/** Every missing file, by its content, in a folder and below. */
export async function findMissing(app: App): Promise<void> {
  const folder = await app.picker.folder('Look for missing files in');
  if (folder === null) return;
  const end = await app.jobs.run({ do: 'find_missing', folder });
  if (end.end === 'failed') app.notices.fault(end.fault);
  else if (end.end === 'found') {
    const count = end.conditions.length;
    app.notices.say({
      text: count === 0 ? 'None of the missing files is in this folder.' : `${count} found again.`,
      severity: count === 0 ? 'warning' : 'note',
    });
  }
}

export async function importCaption(app: App): Promise<void> {
  const shot = app.document.shot;
  if (!shot) return;
  const [path] = await app.picker.files('Import a caption');
  if (path !== undefined) await app.document.send({ do: 'import_caption', shot: shot.id, path });
}
