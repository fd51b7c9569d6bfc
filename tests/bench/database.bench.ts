/** `npm run bench -- database [--kills N] [--seed N]`: the server, and a PostgreSQL, killed while everybody writes and while they begin. */
import { randomInt } from 'node:crypto';
import { PATIENT, totalOf } from '../support/acknowledged-writes.ts';
import { type CreationReport, killDuringCreation, killDuringWrites, type KillReport } from '../support/database-faults.ts';
import { createKillableServer } from '../support/killable-server.ts';
import { hasPostgres, INSTALL_POSTGRES, type OwnPostgres, startPostgres } from '../support/postgres-server.ts';
import type { Bench, BenchRow } from './bench.ts';

/** Making a database takes longer than writing to it; it is killed as often divided by this. */
const CREATION_SHARE = 6;

function argument(name: string, usual: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? usual : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} wants a whole number, 1 or more.`);
  return value;
}

const row = (what: string, ours: number, unit: string, yardstick: number | null = null, note = ''): BenchRow => ({ what, ours, yardstick, unit, ratio: null, ...(note === '' ? {} : { note }) });

function rowsOfWrites(what: string, kills: number, { writers, longestSeconds }: KillReport): BenchRow[] {
  const { acknowledged, unanswered, lost, doubled, half } = totalOf(writers);
  const kinds = [...new Set(writers.map(({ kind }) => kind))].map((kind) => `${totalOf(writers.filter((writer) => writer.kind === kind)).acknowledged} ${kind}`).join(', ');
  return [
    row(`${what}: kills`, kills, 'kills'),
    row('  writes acknowledged', acknowledged, 'writes', null, kinds),
    row('  writes that nobody answered', unanswered, 'writes', null, 'there or not, but whole'),
    row('  lost', lost, 'writes', 0),
    row('  doubled', doubled, 'writes', 0),
    row('  half', half, 'writes', 0),
    row('  longest recovery', longestSeconds, 's', null, 'until the database answers the API again'),
  ];
}

const rowsOfCreation = (what: string, { kills, broken, seconds, longestSeconds }: CreationReport): BenchRow[] => [
  row(`${what}: kills`, kills, 'kills'),
  row('  that did not come up, or kept nothing', broken, 'databases', 0),
  row('  longest start after a kill', longestSeconds, 's', seconds, 'beside one that nobody disturbed'),
];

async function onPostgres(postgres: OwnPostgres, kills: number, seed: number): Promise<BenchRow[]> {
  let turns = 0;
  // In turn as a plug is pulled, and as its administrator pulls it.
  const kill = (): Promise<void> => (turns++ % 2 === 0 ? postgres.kill() : postgres.abort());
  const server = await createKillableServer({ ...PATIENT, DATABASE_URL: await postgres.emptyDatabase() });
  try {
    await server.start();
    const writes = await killDuringWrites({ url: server.url, kill, revive: () => postgres.start() }, { kills, seed });
    await server.kill();
    const creation = await killDuringCreation({ kills: Math.ceil(kills / CREATION_SHARE), seed }, async () => ({ url: await postgres.emptyDatabase(), kill, revive: () => postgres.start() }));
    return [...rowsOfWrites('PostgreSQL killed during writes', kills, writes), ...rowsOfCreation('PostgreSQL killed during the first start', creation)];
  } finally {
    await server.remove();
  }
}

export const bench: Bench = {
  name: 'database',
  about: 'the server with its own database, and a PostgreSQL behind it, killed (SIGKILL) 50 times while presets, jobs, reports, accounts and sessions are written; goal: every acknowledged write is there, once and whole',
  yardstick: 'the goal',
  async run() {
    const [kills, seed] = [argument('kills', 50), argument('seed', randomInt(1, 2 ** 31))];
    const rows: BenchRow[] = [];
    const server = await createKillableServer(PATIENT);
    try {
      await server.start();
      rows.push(...rowsOfWrites('server killed during writes', kills, await killDuringWrites({ url: server.url, kill: () => server.kill(), revive: () => server.start() }, { kills, seed })));
    } finally {
      await server.remove();
    }
    rows.push(...rowsOfCreation('server killed during the first start', await killDuringCreation({ kills: Math.ceil(kills / CREATION_SHARE), seed }, () => Promise.resolve(null))));
    rows[0] = { ...rows[0]!, note: `seed ${seed}` };
    if (!hasPostgres() || process.platform !== 'linux') return [...rows, row('PostgreSQL killed', 0, 'kills', null, `not run: it wants Linux and ${INSTALL_POSTGRES}`)];
    const postgres = await startPostgres();
    try {
      return [...rows, ...(await onPostgres(postgres, kills, seed))];
    } finally {
      await postgres.stop();
    }
  },
};
