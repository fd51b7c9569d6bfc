/** The kinds of writes that clients have to rely on: presets, jobs and reports on them, accounts, and sessions that are renewed. */
import { GRACE_MS } from '../../server/auth/sessions.ts';
import { styleToDocument } from '../../shared/style-document.ts';
import { neutralStyle } from '../../shared/style.ts';
import { type Answer, type Line, newTally, type Writer } from './acknowledged-writes.ts';

const PASSWORD = 'a long enough secret';

function expected(answer: Answer | null, ...statuses: number[]): Answer {
  if (!answer || !statuses.includes(answer.status)) throw new Error(`${statuses.join(' or ')} was expected, and not ${answer ? `${answer.status} ${JSON.stringify(answer.json)}` : 'no answer'}`);
  return answer;
}

interface Person {
  readonly refresh: string;
  /** Signs in again where the token is over. */
  call(method: string, path: string, body?: unknown): Promise<Answer | null>;
}

export async function register(line: Line, email: string): Promise<Person> {
  const { json } = expected(await line('POST', '/auth/register', { email, password: PASSWORD, device: 'x' }), 201);
  let access = json['access_token'] as string;
  return {
    refresh: json['refresh_token'] as string,
    async call(method, path, body) {
      const answer = await line(method, path, body, access);
      if (answer?.status !== 401) return answer;
      const again = await line('POST', '/auth/login', { email, password: PASSWORD });
      if (!again) return null;
      access = expected(again, 200).json['access_token'] as string;
      return line(method, path, body, access);
    },
  };
}

async function listed(person: Person, path: string, name: string): Promise<Record<string, any>[]> {
  const all: Record<string, any>[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { json }: Answer = expected(await person.call('GET', `${path}?limit=100${cursor && `&cursor=${cursor}`}`), 200);
    all.push(...(json[name] as Record<string, any>[]));
    cursor = json['next_cursor'] as string | null;
  }
  return all;
}

/** What is written once: by name, with the id that the server gave it; null until it answers. */
interface Entry {
  readonly name: string;
  id: string | null;
  isChecked: boolean;
}

const NEUTRAL = JSON.parse(JSON.stringify(styleToDocument(neutralStyle('', 'B')))) as Record<string, unknown>;
/** Any two that are near each other differ. */
const gainOf = (n: number): number => (n % 240) / 10 - 12;

/** A style by its number, as it travels: 2 kB. */
export const numberedStyle = (n: number): Record<string, unknown> => ({ ...NEUTRAL, eq: [{ type: 'peak', f_hz: 1000, q: 1, gain_db: gainOf(n) }] });

/** Presets of somebody's own, under names that nobody else takes. */
export function presetWriter(person: Person): Writer {
  const entries: Entry[] = [];
  const tally = newTally();
  const send = (n: number) => person.call('POST', '/presets', { name: `Preset ${n}`, style_params: numberedStyle(n) });

  return {
    kind: 'presets', tally,
    async write() {
      const entry: Entry = { name: `Preset ${entries.length}`, id: null, isChecked: false };
      entries.push(entry);
      const answer = await send(entries.length - 1);
      if (answer) entry.id = expected(answer, 201).json['id'] as string;
      return answer !== null;
    },
    async check() {
      for (const [n, entry] of entries.entries()) {
        // 409: its name is taken, so that it has to be there.
        if (entry.id === null) entry.id = (expected(await send(n), 201, 409).json['id'] as string | undefined) ?? 'there';
      }
      const all = await listed(person, '/presets', 'presets');
      const byName = new Map(all.map(({ name, id }) => [name as string, id as string]));
      tally.doubled += all.length - byName.size;
      for (const [n, entry] of entries.entries()) {
        const id = byName.get(entry.name);
        if (id === undefined || (entry.id !== 'there' && entry.id !== id)) tally.lost += 1;
        if (id === undefined || entry.isChecked) continue;
        entry.isChecked = true;
        const [whole, versions] = [await person.call('GET', `/presets/${id}`), await person.call('GET', `/presets/${id}/versions`)];
        const isWhole = whole?.json['style_params']?.eq?.[0]?.gain_db === gainOf(n) && versions?.json['versions']?.length === 1;
        if (!isWhole) tally.half += 1;
      }
    },
  };
}

/** Jobs by key: asked for twice they are one. */
export function jobWriter(person: Person): Writer {
  const entries: Entry[] = [];
  const tally = newTally();
  const send = (name: string) => person.call('POST', '/jobs', { mode: 'B', ref_key: 'reference', tgt_key: name, idempotency_key: name });
  return {
    kind: 'jobs', tally,
    async write() {
      const entry: Entry = { name: `job-${entries.length}`, id: null, isChecked: false };
      entries.push(entry);
      const answer = await send(entry.name);
      if (answer) entry.id = expected(answer, 201).json['job_id'] as string;
      return answer !== null;
    },
    async check() {
      for (const entry of entries.filter(({ isChecked }) => !isChecked)) {
        entry.isChecked = true;
        const { json } = expected(await send(entry.name), 201);
        entry.id ??= json['job_id'] as string;
        if (entry.id !== json['job_id']) tally.doubled += 1;
      }
      const all = await listed(person, '/jobs', 'jobs');
      const known = new Map(all.map(({ tgt_key, id }) => [tgt_key as string, id as string]));
      tally.doubled += all.length - known.size;
      tally.lost += entries.filter(({ name, id }) => known.get(name) !== id).length;
    },
  };
}

/** Reports on a job: each says how far it is, a piece of the work and a measurement, all with one number; whole or not at all. */
export function reportWriter(person: Person): Writer {
  const tally = newTally();
  // So many measurements of a job are told.
  const MOST = 50;
  let job: string | null = null;
  let [jobs, sent, acknowledged] = [0, 0, 0];
  const begin = async (): Promise<boolean> => {
    const answer = await person.call('POST', '/jobs', { mode: 'A', ref_key: 'reference', tgt_key: 'target', idempotency_key: `reported-${jobs}` });
    if (!answer) return false;
    job = expected(answer, 201).json['job_id'] as string;
    [jobs, sent, acknowledged] = [jobs + 1, 0, 0];
    return true;
  };
  return {
    kind: 'reports', tally,
    async write() {
      if (job === null || sent === MOST) return begin();
      sent += 1;
      const answer = await person.call('PATCH', `/jobs/${job}`, {
        progress: sent, segments: [{ index: sent, first_frame: sent, frames: sent, state: 'done' }],
        metrics: { stft_dist: sent, mel_dist: null, lufs_err: null, tp_db: null, artifacts_rate: 0, ltas_error_db: null, ltas_error_before_db: null },
      });
      if (!answer) return false;
      acknowledged = expected(answer, 200).json['progress'] as number;
      return true;
    },
    async check() {
      if (job === null) return;
      const { json } = expected(await person.call('GET', `/jobs/${job}`), 200);
      const progress = json['progress'] as number;
      const [segments, history] = [json['segments'] as unknown[], json['metrics_history'] as { stft_dist: number }[]];
      if (progress < acknowledged) tally.lost += 1;
      if (history.length > progress || progress > sent) tally.doubled += 1;
      else if (segments.length !== progress || history.length !== progress || (progress > 0 && history[0]!.stft_dist !== progress)) tally.half += 1;
      sent = acknowledged = progress;
    },
  };
}

/** Accounts: whole with their own workspace, and entered with what was registered. */
export function accountWriter(line: Line, prefix: string): Writer {
  const entries: { email: string; refresh: string | null; isChecked: boolean }[] = [];
  const tally = newTally();
  const send = (email: string) => line('POST', '/auth/register', { email, password: PASSWORD, device: 'x' });
  return {
    kind: 'accounts', tally,
    async write() {
      const entry: (typeof entries)[number] = { email: `${prefix}-${entries.length}@example.org`, refresh: null, isChecked: false };
      entries.push(entry);
      const answer = await send(entry.email);
      if (answer) entry.refresh = expected(answer, 201).json['refresh_token'] as string;
      return answer !== null;
    },
    async check() {
      for (const entry of entries.filter(({ isChecked }) => !isChecked)) {
        entry.isChecked = true;
        const { email, refresh } = entry;
        // Registered once more: made now, or it is there already and can be entered.
        const again = expected(await send(email), 201, 409);
        if (refresh !== null && again.status === 201) tally.lost += 1;
        const entered = again.status === 201 ? again : refresh === null ? await line('POST', '/auth/login', { email, password: PASSWORD }) : await line('POST', '/auth/refresh', { refresh_token: refresh });
        const presets = await line('GET', '/presets', undefined, entered?.json['access_token'] as string);
        if (presets?.status !== 200) tally.half += 1;
      }
    },
  };
}

/** A session renewed again and again: the newest token that was handed out has to work. */
export function sessionWriter(line: Line, person: Person, email: string): Writer & { readonly signedOut: () => number } {
  const tally = newTally();
  let token = person.refresh;
  let unansweredMs: number | null = null;
  let signedOut = 0;
  const send = () => line('POST', '/auth/refresh', { refresh_token: token });
  return {
    kind: 'sessions', tally,
    signedOut: () => signedOut,
    async write() {
      unansweredMs = performance.now();
      const answer = await send();
      if (!answer) return false;
      token = expected(answer, 200).json['refresh_token'] as string;
      unansweredMs = null;
      return true;
    },
    async check() {
      const answer = await send();
      if (answer?.status === 200) token = answer.json['refresh_token'] as string;
      else {
        // An answer that was lost is asked for again within the grace; a server that was away for longer signs the person out.
        if (unansweredMs !== null && performance.now() - unansweredMs >= GRACE_MS) signedOut += 1;
        else tally.lost += 1;
        token = expected(await line('POST', '/auth/login', { email, password: PASSWORD }), 200).json['refresh_token'] as string;
      }
      unansweredMs = null;
    },
  };
}

/** Two of each kind, each with an account of its own. */
export async function openWriters(line: Line): Promise<Writer[]> {
  const somebody = (n: number) => register(line, `writer-${n}@example.org`);
  const pairs = await Promise.all([0, 1].map(async (n) => {
    const [one, session] = [await somebody(n), await somebody(n + 2)];
    return [presetWriter(one), jobWriter(one), reportWriter(await somebody(n + 4)), accountWriter(line, `new-${n}`), sessionWriter(line, session, `writer-${n + 2}@example.org`)];
  }));
  return pairs.flat();
}
