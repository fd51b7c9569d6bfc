/** `npm run bench -- load [--seconds N]`: how many requests, uploads and event streams the server takes, and what it holds afterwards. */
import { createLine, type Line, PATIENT } from '../support/acknowledged-writes.ts';
import { createKillableServer, type KillableServer } from '../support/killable-server.ts';
import type { Asked, Footprint, Rate, Uploaded } from '../support/load/messages.ts';
import { type BareServer, type LoadClient, PROBED, startBareServer, startLoadClient } from '../support/load/processes.ts';
import { hasPostgres, INSTALL_POSTGRES, startPostgres } from '../support/postgres-server.ts';
import { cpuSeconds, forgetPeak, peakBytes } from '../support/process-use.ts';
import { numberedStyle } from '../support/writers.ts';
import type { Bench, BenchRow } from './bench.ts';

const AT_ONCE = [1, 16, 64] as const;
const PRESETS = 50;
const UPLOADS = { uploads: 200, bytes: 2_000_000 } as const;
/** The first eight thousand are left out: the engine compiles what is called often, and keeps that; by then it has. */
const CYCLES = { of: 1000, rounds: 6, warm: 8, atOnce: 10 } as const;
/** The smallest thing that a stream could leave behind, an object and what points to it, is of about this size, bytes. */
const LEAST_LEAK = 100;

function argument(name: string, usual: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? usual : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} wants a whole number, 1 or more.`);
  return value;
}

const row = (what: string, ours: number, unit: string, yardstick: number | null = null, ratio: number | null = null, note = ''): BenchRow => ({ what, ours, yardstick, unit, ratio, ...(note === '' ? {} : { note }) });
const portOf = (server: KillableServer): number => Number(new URL(server.url).port);

async function signedUp(line: Line, name: string): Promise<string> {
  const answer = await line('POST', '/auth/register', { email: `${name}@example.org`, password: 'a long enough secret', device: 'x' });
  if (answer?.status !== 201) throw new Error(`not registered: ${answer?.status}`);
  return answer.json['access_token'] as string;
}

interface World {
  readonly server: KillableServer;
  readonly bare: BareServer;
  readonly client: LoadClient;
  readonly line: Line;
}

/** What is asked for; the yardstick learns what ours answers. */
async function scenarios({ server, bare, line }: World): Promise<{ readonly what: string; readonly asked: Asked }[]> {
  const token = await signedUp(line, 'reader');
  let id = '';
  for (let n = 0; n < PRESETS; n += 1) id = (await line('POST', '/presets', { name: `Preset ${n}`, style_params: numberedStyle(n) }, token))!.json['id'] as string;
  const all = [
    { what: 'preset read', asked: { method: 'GET', path: `/api/presets/${id}`, token } },
    { what: `list of ${PRESETS} presets`, asked: { method: 'GET', path: '/api/presets', token } },
    { what: 'job post', asked: { method: 'POST', path: '/api/jobs', token, body: JSON.stringify({ mode: 'B', ref_key: 'reference', tgt_key: 'target', idempotency_key: '{n}' }) } },
  ];
  for (const { asked: { method, path, body } } of all) {
    const answer = await fetch(server.url + path, { method, headers: { authorization: `Bearer ${token}`, 'accept-encoding': 'identity', ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: body.replace('{n}', 'first') }) });
    const left = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];
    await bare.answer(`${method} ${path}`, { status: answer.status, headers: Object.fromEntries([...answer.headers].filter(([name]) => !left.includes(name))), body: await answer.text() });
  }
  return all;
}

async function rates(world: World, seconds: number): Promise<BenchRow[]> {
  const { server, bare, client } = world;
  const rows: BenchRow[] = [];
  for (const { what, asked } of await scenarios(world)) {
    const measure = async (port: number, pid: number, connections: number, forSeconds = seconds): Promise<Rate & { readonly cpuMs: number }> => {
      const before = cpuSeconds([pid]);
      const rate = await client.run<Rate>({ kind: 'rate', port, asked, connections, seconds: forSeconds });
      if (rate.failures > 0) throw new Error(`${what}: ${rate.failures} requests failed`);
      return { ...rate, cpuMs: (1000 * (cpuSeconds([pid]) - before)) / rate.answers };
    };
    for (const [port, pid] of [[portOf(server), server.pid()], [bare.port, bare.pid]] as const) await measure(port, pid, 16, 1);
    for (const connections of AT_ONCE) {
      const ours = await measure(portOf(server), server.pid(), connections);
      const theirs = await measure(bare.port, bare.pid, connections);
      const name = `${what}, ${connections} at once`;
      rows.push(row(name, ours.perSecond, '/s', theirs.perSecond, ours.perSecond / theirs.perSecond, `${ours.cpuMs.toFixed(2)} ms of processor each, ${theirs.cpuMs.toFixed(2)} the yardstick; client ${Math.round(100 * ours.clientShare)} % busy`));
      rows.push(row('  99 of 100 within', ours.p99Ms, 'ms', theirs.p99Ms, theirs.p99Ms / ours.p99Ms));
    }
  }
  return rows;
}

async function uploads({ server, bare, client, line }: World): Promise<BenchRow[]> {
  const tokens = await Promise.all(Array.from({ length: 10 }, (_, n) => signedUp(line, `uploader-${n}`)));
  const { heapBytes, rssBytes } = await server.footprint();
  forgetPeak(server.pid());
  const ours = await client.run<Uploaded>({ kind: 'uploads', port: portOf(server), tokens, ...UPLOADS, isChecked: true });
  const peak = peakBytes(server.pid());
  const theirs = await client.run<Uploaded>({ kind: 'uploads', port: bare.port, tokens, ...UPLOADS, isChecked: false });
  const rate = ({ seconds }: Uploaded): number => (UPLOADS.uploads * UPLOADS.bytes) / 1e6 / seconds;
  return [
    row(`${UPLOADS.uploads} uploads of ${UPLOADS.bytes / 1e6} MB at once`, rate(ours), 'MB/s', rate(theirs), rate(ours) / rate(theirs), 'hash and disk included; the yardstick throws them away'),
    row('  failed', ours.failures.length, 'files', 0, null, [...new Set(ours.failures)].join(', ')),
    row('  that came back otherwise', ours.different, 'files', 0),
    row('  memory of the server, the most', peak / 1e6, 'MB', null, null, `${Math.round(rssBytes / 1e6)} MB before, of which ${Math.round(heapBytes / 1e6)} MB heap`),
  ];
}

/** Least squares. @returns change for each step of 1 */
function slope(values: readonly number[]): number {
  const [meanX, meanY] = [(values.length - 1) / 2, values.reduce((sum, y) => sum + y, 0) / values.length];
  const sums = values.reduce(([xy, xx], y, x) => [xy + (x - meanX) * (y - meanY), xx + (x - meanX) ** 2] as const, [0, 0] as readonly [number, number]);
  return sums[0] / sums[1];
}

async function streams({ server, bare, client, line }: World): Promise<BenchRow[]> {
  const tokens = await Promise.all(Array.from({ length: CYCLES.atOnce }, (_, n) => signedUp(line, `listener-${n}`)));
  const open = async (): Promise<number> => Number(/^tonetwin_event_streams (\d+)/m.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1]);
  const ofOurs = async (): Promise<Footprint> => {
    for (let tries = 0; (await open()) > 0; tries += 1) {
      if (tries > 200) throw new Error('event streams stay open');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    // The connection of the question itself, and what a stream leaves behind for a moment.
    await new Promise((resolve) => setTimeout(resolve, 300));
    return server.footprint();
  };
  async function grown(port: number, footprint: () => Promise<Footprint>): Promise<{ readonly perThousand: number; readonly first: Footprint; readonly last: Footprint }> {
    const seen: Footprint[] = [];
    for (let round = 0; round < CYCLES.rounds + CYCLES.warm; round += 1) {
      const failures = await client.run<number>({ kind: 'streams', port, tokens, cycles: CYCLES.of, atOnce: CYCLES.atOnce });
      if (failures > 0) throw new Error(`${failures} event streams were refused`);
      const now = await footprint();
      if (round >= CYCLES.warm) seen.push(now);
    }
    return { perThousand: (slope(seen.map(({ heapBytes }) => heapBytes)) * 1000) / CYCLES.of, first: seen[0]!, last: seen.at(-1)! };
  }
  const ours = await grown(portOf(server), ofOurs);
  const theirs = await grown(bare.port, async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return bare.footprint();
  });
  const count = ({ handles }: Footprint): number => Object.values(handles).reduce((sum, n) => sum + n, 0);
  const said = ({ handles }: Footprint): string => Object.entries(handles).map(([kind, n]) => `${n} ${kind}`).sort().join(', ');
  return [
    row(`heap after ${CYCLES.of * (CYCLES.warm + CYCLES.rounds)} event streams opened and left`, ours.last.heapBytes / 1e6, 'MB', theirs.last.heapBytes / 1e6, null, `${(ours.first.heapBytes / 1e6).toFixed(1)} MB after ${CYCLES.of * (CYCLES.warm + 1)}`),
    row('  growth in 1,000 of them', ours.perThousand / 1e3, 'kB', theirs.perThousand / 1e3, null, `${ours.perThousand / 1000 < LEAST_LEAK ? 'flat' : 'NOT FLAT'}: slope of the heap after garbage was collected; one object left behind by each would be ${LEAST_LEAK} or more`),
    row('  handles open afterwards', count(ours.last), 'handles', count(ours.first), null, `beside those at the beginning: ${said(ours.last)}`),
  ];
}

async function measured(database: string, more: Readonly<Record<string, string>>, seconds: number, parts: readonly ((world: World) => Promise<BenchRow[]>)[]): Promise<BenchRow[]> {
  const server = await createKillableServer({ ...PATIENT, ...more }, { flags: PROBED });
  const [bare, client] = [await startBareServer(), await startLoadClient()];
  try {
    await server.start();
    const world = { server, bare, client, line: createLine(server.url) };
    const rows = await rates(world, seconds);
    for (const part of parts) rows.push(...(await part(world)));
    return [{ ...rows[0]!, what: `${database}: ${rows[0]!.what}` }, ...rows.slice(1)];
  } finally {
    client.stop();
    bare.stop();
    await server.remove();
  }
}

export const bench: Bench = {
  name: 'load',
  about: 'requests per second and their times, 200 uploads at once, and the memory of the server over 1,000 event streams; client and servers in processes of their own',
  yardstick: `a bare server of node:http (Node ${process.versions.node}) that answers the same bytes from memory, in the same run: it knows no accounts and keeps nothing`,
  async run() {
    const seconds = argument('seconds', 3);
    if (process.platform !== 'linux') return [row('load', 0, '/s', null, null, 'not run: memory and processor time are read as Linux shows them')];
    const rows = await measured('its own database', {}, seconds, [uploads, streams]);
    if (!hasPostgres()) return [...rows, row('with PostgreSQL', 0, '/s', null, null, `not run: ${INSTALL_POSTGRES}`)];
    const postgres = await startPostgres();
    try {
      return [...rows, ...(await measured('PostgreSQL', { DATABASE_URL: await postgres.emptyDatabase() }, seconds, []))];
    } finally {
      await postgres.stop();
    }
  },
};
