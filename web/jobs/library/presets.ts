/** Presets: the style first, then the fact that names it. */
import { AppError } from '../../../shared/errors.ts';
import type { Style } from '../../../shared/style.ts';
import { styleFromDocument, styleToDocument } from '../../../shared/style-document.ts';
import type { DocumentStore } from '../../storage/contract.ts';
import { sha256 } from '../sha256.ts';
import type { NewPreset, PresetName } from './contract.ts';

export async function savePreset(documents: DocumentStore, { name, style, from }: NewPreset, nowMs: number): Promise<string> {
  // Through its travelling form and back: what is stored is plain, valid, and the same for equal styles.
  const document = JSON.stringify(styleToDocument(style));
  const id = `preset-${await sha256(document)}`;
  await documents.put('styles', { id, style: styleFromDocument(JSON.parse(document)) });
  await documents.remove('bin', id);
  const { resultId, targetId, referenceId } = from ?? { resultId: null, targetId: null, referenceId: null };
  await documents.update('presets', id, (before) => (before ? { ...before, name } : { id, name, createdMs: nowMs, resultId, targetId, referenceId }));
  return id;
}

export async function readPreset(documents: DocumentStore, id: string): Promise<{ readonly name: string; readonly style: Style }> {
  const [preset, stored] = await Promise.all([documents.get('presets', id), documents.get('styles', id)]);
  if (!preset || !stored) throw new AppError('storage/missing');
  return { name: preset.name, style: stored.style };
}

export async function presetNames(documents: DocumentStore): Promise<PresetName[]> {
  const [presets, binned] = await Promise.all([documents.list('presets'), documents.ids('bin')]);
  return presets.filter(({ id }) => !binned.includes(id)).sort((a, b) => b.createdMs - a.createdMs).map(({ id, name }) => ({ id, name }));
}

export async function removePreset(documents: DocumentStore, id: string): Promise<void> {
  await documents.remove('presets', id);
  await documents.remove('labels', id);
  await documents.remove('styles', id);
}
