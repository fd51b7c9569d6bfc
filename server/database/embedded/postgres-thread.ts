/** PostgreSQL itself, in a thread of its own, so that a slow query stalls nobody: speaks the wire protocol through a port. */
import { PGlite } from '@electric-sql/pglite';
import { parentPort, workerData } from 'node:worker_threads';
import { DURABLE_PARAMETERS, DurableFiles } from './durable-files.ts';

/** What the thread is told. */
export interface ThreadOrder {
  readonly folder: string;
}

/** What it tells: ready to talk, or why not; then the server's side of the conversation. */
export type ThreadNews =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'closed'; readonly syncs: number };

/** Whole messages of the client's side; 'close' ends it. */
export type ThreadRequest = { readonly type: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> } | { readonly type: 'close' };

const port = parentPort!;
const { folder } = workerData as ThreadOrder;
const tell = (news: ThreadNews): void => port.postMessage(news);

const opening = PGlite.create({ fs: new DurableFiles(folder), startParams: DURABLE_PARAMETERS });
opening.then(
  () => tell({ type: 'ready' }),
  (thrown: unknown) => tell({ type: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) }),
);

/** One after the other: the messages of a conversation build on each other. */
let turn: Promise<unknown> = opening;

port.on('message', (request: ThreadRequest) => {
  turn = turn.then(async () => {
    const database = await opening;
    if (request.type === 'bytes') {
      tell({ type: 'bytes', bytes: await database.execProtocolRaw(request.bytes) });
      return;
    }
    await database.close();
    tell({ type: 'closed', syncs: DurableFiles.syncs });
    port.close();
  }).catch((thrown: unknown) => tell({ type: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) }));
});
