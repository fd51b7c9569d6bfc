/** Reads the stores into one list. What only a large document knows is read once and kept on a card. */
import { measuredRecording } from '../../pipeline/analyze.ts';
import type { CardRecord, DocumentStore, LabelRecord, PresetRecord, RecordingRecord, Table } from '../../storage/contract.ts';
import { pcmFileBytes } from '../../storage/pcm-file.ts';
import type { LibraryEntry } from './contract.ts';
import { endingOf, withoutEnding } from './file-ending.ts';

/** A change of one of these changes the list. Cards are made from the others. */
export const LIBRARY_TABLES: readonly Table[] = ['recordings', 'takes', 'results', 'features', 'presets', 'labels', 'bin'];

const unlabelled = (): Omit<LabelRecord, 'id'> => ({ title: null, tags: [], isReference: false });
const NOT_MADE = { targetId: null, referenceId: null, resultId: null, jobId: null } as const;

const byId = <T extends { readonly id: string }>(list: readonly T[]): Map<string, T> => new Map(list.map((one) => [one.id, one]));

/** Cards of every result and of every recording that was measured; those that were missing are made. */
async function readCards(documents: DocumentStore): Promise<Map<string, CardRecord>> {
  const [kept, resultIds, featureIds] = await Promise.all([documents.list('cards'), documents.ids('results'), documents.ids('features')]);
  const cards = byId(kept);
  const add = async (id: string, more: Omit<CardRecord, 'id'>): Promise<void> => {
    const card = await documents.update('cards', id, (before) => ({ ...before, id, ...more }));
    if (card) cards.set(id, card);
  };
  for (const id of resultIds) {
    if (cards.get(id)?.result) continue;
    const made = await documents.get('results', id);
    if (!made) continue;
    const { jobId, name, targetId, referenceId, sampleRate, channels, frames, createdMs } = made;
    await add(id, { integratedLufs: made.features.loudness.integratedLufs, result: { jobId, name, targetId, referenceId, sampleRate, channels, frames, createdMs } });
  }
  for (const featuresId of featureIds) {
    const id = measuredRecording(featuresId);
    if (cards.get(id)?.integratedLufs !== undefined) continue;
    const measured = await documents.get('features', featuresId);
    if (measured) await add(id, { integratedLufs: measured.features.loudness.integratedLufs });
  }
  return cards;
}

/** Everything but what is in the bin, in no order. */
export async function readEntries(documents: DocumentStore): Promise<LibraryEntry[]> {
  const [recordings, takes, resultIds, cards, presets, labelled, binned] = await Promise.all([
    documents.list('recordings'), documents.list('takes'), documents.ids('results'), readCards(documents),
    documents.list('presets'), documents.list('labels'), documents.ids('bin'),
  ]);
  const labels = byId(labelled);
  const hidden = new Set(binned);
  const labelOf = (id: string): Omit<LabelRecord, 'id'> => labels.get(id) ?? unlabelled();
  const results = resultIds.filter((id) => !hidden.has(id));
  const references = new Set([
    ...results.map((id) => cards.get(id)?.result?.referenceId),
    ...takes.filter(({ role }) => role === 'reference').map(({ recordingId }) => recordingId),
  ]);

  const ofRecording = (record: RecordingRecord): LibraryEntry => {
    const { id, name, bytes, addedMs, state } = record;
    const isTake = record.readAs === 'take';
    const origin = isTake ? 'recorded' : (record.origin ?? 'file');
    const { tags, isReference } = labelOf(id);
    const ready = state.status === 'ready' ? state : null;
    return {
      id, name: withoutEnding(name), ending: isTake ? '.wav' : endingOf(name), bytes, addedMs, origin, tags, state: state.status, kind: isTake ? 'take' : 'recording',
      isReference: isReference || references.has(id), seconds: ready && ready.frames / ready.sampleRate, sampleRate: ready?.sampleRate ?? null, channels: ready?.channels ?? null,
      integratedLufs: cards.get(id)?.integratedLufs ?? null, ...NOT_MADE,
    };
  };
  const ofResult = (id: string): LibraryEntry[] => {
    const card = cards.get(id);
    if (!card?.result) return [];
    const { jobId, targetId, referenceId, sampleRate, channels, frames, createdMs } = card.result;
    const { title, tags, isReference } = labelOf(id);
    return [{
      id, name: title, ending: '.wav', tags, isReference, kind: 'result', addedMs: createdMs, origin: 'match', state: 'ready', seconds: frames / sampleRate, sampleRate, channels,
      bytes: pcmFileBytes(frames, channels), integratedLufs: card.integratedLufs ?? null, targetId, referenceId, resultId: null, jobId,
    }];
  };
  const ofPreset = ({ id, name, createdMs, targetId, referenceId, resultId }: PresetRecord): LibraryEntry => ({
    id, name, ending: '.tonetwin.json', tags: labelOf(id).tags, isReference: false, kind: 'preset', addedMs: createdMs, origin: resultId === null ? 'file' : 'saved', state: 'ready',
    seconds: null, sampleRate: null, channels: null, bytes: null, integratedLufs: null, targetId, referenceId, resultId, jobId: null,
  });
  return [
    ...recordings.filter(({ id }) => !hidden.has(id)).map(ofRecording),
    ...results.flatMap(ofResult),
    ...presets.filter(({ id }) => !hidden.has(id)).map(ofPreset),
  ];
}
