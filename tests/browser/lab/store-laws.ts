/** Runs the laws of a store on the browser's own backends; called from `storage.spec.ts` on the page and in a worker. */
import { openIndexedDbBytes } from '../../../web/storage/indexeddb/indexeddb-bytes.ts';
import { openIndexedDbDocuments } from '../../../web/storage/indexeddb/indexeddb-documents.ts';
import { openOpfsBytes } from '../../../web/storage/opfs/opfs-bytes.ts';
import { BYTE_LAWS, DOCUMENT_LAWS, type Law } from '../../contracts/store.ts';

export interface LawOutcome {
  readonly name: string;
  /** Empty where the law holds. */
  readonly error: string;
}

async function hold<S>(laws: readonly Law<S>[], open: (name: string) => Promise<S>): Promise<LawOutcome[]> {
  const outcomes: LawOutcome[] = [];
  for (const [i, { name, run }] of laws.entries()) {
    const place = `laws-${i}-${Math.random()}`;
    const error = await run(await open(place), () => open(place)).then(() => '', (thrown: unknown) => String(thrown));
    outcomes.push({ name, error });
  }
  return outcomes;
}

export const LAW_RUNS = {
  'documents in IndexedDB': () => hold(DOCUMENT_LAWS, openIndexedDbDocuments),
  'bytes in IndexedDB': () => hold(BYTE_LAWS, openIndexedDbBytes),
  'bytes in OPFS': () => hold(BYTE_LAWS, openOpfsBytes),
} as const;

Object.assign(globalThis, { LAW_RUNS });
