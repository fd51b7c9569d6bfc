/** The embedded database's files, with the one thing its file system lacks: a commit that reaches the disk. */
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { fsyncSync } from 'node:fs';

/** What Emscripten hands over for an open file of the real file system: `nfd` is Node's descriptor. */
interface OpenStream {
  readonly nfd: number;
}

type Init = NodeFS['init'];

/**
 * PGlite's file system with `fsync` behind PostgreSQL's own. Without it every fsync answers at once and nothing is on
 * the disk: https://github.com/electric-sql/pglite/issues/1107. Reaches into Emscripten's internals, so a test counts the calls.
 * To be removed when that is closed.
 */
export class DurableFiles extends NodeFS {
  override async init(...[pg, options]: Parameters<Init>): ReturnType<Init> {
    const made = await super.init(pg, options);
    const preRun = [made.emscriptenOpts.preRun ?? []].flat();
    return {
      emscriptenOpts: {
        ...made.emscriptenOpts,
        preRun: [
          ...preRun,
          (module: object) => {
            const { NODEFS } = module as { readonly NODEFS: { readonly stream_ops: { fsync?: (stream: OpenStream) => number } } };
            NODEFS.stream_ops.fsync = ({ nfd }) => {
              fsyncSync(nfd);
              DurableFiles.syncs += 1;
              return 0;
            };
          },
        ],
      },
    };
  }

  /** How often a file was forced to the disk since this program started. */
  static syncs = 0;
}

/** PGlite's own parameters without `-F`, which switches fsync off. */
export const DURABLE_PARAMETERS = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['fsync=on', 'wal_sync_method=fsync', 'synchronous_commit=on', 'full_page_writes=on'].flatMap((setting) => ['-c', setting]),
];
