/**
 * Where bytes are kept. A store knows no owners, no names and no quotas: an id and its bytes. What it has to know to go on with an
 * upload is its place, which the caller keeps in the database.
 */

/** Plain data that only the store looks into; `{}` in the beginning. */
export type Place = Readonly<Record<string, string | number>>;

/** How far an upload is: bytes that are safe, and where. */
export interface Progress {
  readonly received: number;
  readonly place: Place;
}

export interface BlobStore {
  /**
   * Writes what comes behind `from.received`, and again and again tells `record` how far it is. Bytes first, then the fact: what
   * was not recorded is written over by the next call, which goes on from what was. Ends when `chunks` does; when that fails, what came before
   * is still written and recorded, and the failure thrown on.
   *
   * @param id  a UUID, in small letters
   * @param isWhole  the total after which the upload is complete, or null while nobody knows
   * @param record  throws where somebody else has gone on meanwhile; nothing more is written then
   */
  append(id: string, from: Progress, chunks: AsyncIterable<Uint8Array>, isWhole: number | null, record: (progress: Progress) => Promise<void>): Promise<Progress>;
  /** All bytes are there: makes them one thing that can be read. Can be called again after it was cut short. */
  finish(id: string, progress: Progress): Promise<Place>;
  /**
   * Bytes of a finished blob, `from` to `to` inclusive.
   * @throws AppError 'storage/missing'
   */
  read(id: string, place: Place, from: number, to: number): AsyncIterable<Uint8Array>;
  /** Removes whatever there is of it; nothing is fine too. */
  remove(id: string, place: Place): Promise<void>;
  /** Answers when the store does. @throws AppError 'server/blobs' */
  check(): Promise<void>;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * The id itself, once it is known to be one of ours and nothing else: no path, no other key of the bucket.
 * @throws Error for anything else; callers only have ids from rows, so that is a mistake of ours
 */
export function checkedId(id: string): string {
  if (!ID.test(id)) throw new Error('not an id of a blob');
  return id;
}
