/** Small pictures of audio, kept on cards. One is made at a time: a long list must not keep every worker busy. */
import { throwIfAborted } from '../../../shared/errors.ts';
import type { DocumentStore, Thumbnail } from '../../storage/contract.ts';
import type { Peaks } from '../contract.ts';

/** Columns of a thumbnail: one per two pixels of the widest it is shown at. */
export const THUMBNAIL_COLUMNS = 160;
const FULL_SCALE = 127;

const rounded = (values: Float32Array): Int8Array<ArrayBuffer> => Int8Array.from(values, (value) => Math.round(FULL_SCALE * Math.max(-1, Math.min(1, value))));

/** Back to full scale ±1, as it is drawn. */
export const thumbnailPeaks = ({ min, max }: Thumbnail): Peaks => ({
  min: Float32Array.from(min, (value) => value / FULL_SCALE),
  max: Float32Array.from(max, (value) => value / FULL_SCALE),
});

export function createThumbnails(documents: DocumentStore, peaks: (id: string, columns: number) => Promise<Peaks>) {
  let turn: Promise<unknown> = Promise.resolve();

  async function make(id: string, signal: AbortSignal | undefined): Promise<Thumbnail> {
    // Scrolled past while it waited for its turn.
    throwIfAborted(signal);
    const { min, max } = await peaks(id, THUMBNAIL_COLUMNS);
    const thumbnail = { min: rounded(min), max: rounded(max) };
    await documents.update('cards', id, (before) => ({ ...before, id, thumbnail }));
    return thumbnail;
  }

  return async (id: string, signal?: AbortSignal): Promise<Thumbnail> => {
    const known = (await documents.get('cards', id))?.thumbnail;
    if (known) return known;
    const made = turn.then(() => make(id, signal));
    turn = made.catch(() => undefined);
    return made;
  };
}
