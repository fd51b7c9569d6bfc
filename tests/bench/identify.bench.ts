import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { type Bench, type BenchRow, median } from './bench.ts';
import { judge, type Verdict } from './identify/judge.ts';
import { recordingsIn } from './identify/material.ts';
import { missing, versions } from './identify/processors.ts';
import { type Kind, KINDS, scenarioFor } from './identify/scenario.ts';

/** What the product promises, by kind: multi-resolution STFT distance. */
const GOAL_BY_KIND: Partial<Record<Kind, number>> = { eq: 0.05, compressor: 0.2, limiter: 0.2, reverb: 0.3, pitch: 0.8, exciter: 0.25, saturation: 0.25, combined: 0.5 };
const FEW = 26;
const MANY = 200;

const option = (name: string): string | null => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : (process.argv[at + 1] ?? null);
};
const known = (values: readonly (number | null)[]): number[] => values.filter((v) => v !== null);
const middle = (values: readonly (number | null)[]): number => {
  const all = known(values);
  return all.length > 0 ? median(all) : Number.NaN;
};

function row(what: string, ours: number, goal: number | null, unit: string, note: string): BenchRow {
  return { what, ours, yardstick: goal, unit, ratio: goal === null ? null : goal / ours, note };
}

function rowsOf(verdicts: readonly Verdict[]): BenchRow[] {
  const rows: BenchRow[] = [];
  const add = (what: string, of: (v: Verdict) => number | null, goal: number, unit: string) => {
    const values = known(verdicts.map(of));
    if (values.length > 0) rows.push(row(what, median(values), goal, unit, `${values.length} cases`));
  };
  add('EQ curve, 40 Hz to 16 kHz', (v) => v.eqDb, 0.3, 'dB');
  add('level over time, RMS', (v) => v.gainDb, 0.5, 'dB');
  add('RT60, 500 Hz and 1 kHz (ISO 3382-1)', (v) => v.rt60Percent, 8, '%');
  add('RT60, all bands at once', (v) => v.wholeBandRt60Percent ?? null, 8, '%');
  add('RT60 as it is stated', (v) => v.statedRt60Percent ?? null, 8, '%');
  add('width', (v) => v.width, 0.03, '');
  add('pitch', (v) => v.cents, 3, 'cents');
  add('delay', (v) => v.delayFrames, 0.05, 'frames');
  const stands = verdicts.flatMap(({ plrDb, overCeilingDb }) => (plrDb == null || overCeilingDb == null ? [] : [{ off: Math.abs(plrDb), forced: Math.min(Math.max(0, -plrDb), overCeilingDb) }]));
  if (stands.length > 0) {
    const mean = (of: (s: (typeof stands)[number]) => number) => stands.reduce((sum, s) => sum + of(s), 0) / stands.length;
    rows.push(row('PLR, mean', mean((s) => s.off), 0.4, 'dB', `${stands.length} cases; ${mean((s) => s.forced).toFixed(2)} of it because references pass the ceiling of -1 dBTP`));
  }
  for (const kind of KINDS) {
    const of = verdicts.filter((v) => v.kind === kind);
    if (of.length === 0) continue;
    const worse = of.filter((v) => v.aligned !== null && v.aligned > 1.02 * v.untouched! + 0.005).length;
    const refused = of.filter((v) => v.failed !== null).length;
    rows.push(row(`MRSTFT ${kind}`, middle(of.map((v) => v.mrstft)), GOAL_BY_KIND[kind] ?? null, '', `${of.length} cases; untouched ${middle(of.map((v) => v.untouched)).toFixed(3)}${worse ? `; ${worse} WORSE than untouched` : ''}${refused ? `; ${refused} refused` : ''}`));
  }
  const stated = verdicts.flatMap((v) => v.stated);
  const share = (of: typeof stated) => (100 * of.filter((s) => s.truth >= s.interval[0] && s.truth <= s.interval[1]).length) / of.length;
  if (stated.length > 0) rows.push(row('truth in the 90 % interval', share(stated), null, '%', `goal 85 to 95; ${stated.length} values`));
  for (const name of [...new Set(stated.map((s) => s.name))].sort()) {
    const of = stated.filter((s) => s.name === name);
    const width = median(of.map((s) => s.interval[1] - s.interval[0]));
    const error = median(of.map((s) => Math.abs(s.value - s.truth)));
    rows.push(row(`  ${name}`, share(of), null, '%', `${of.length} values; median width ${width.toPrecision(3)}, median error ${error.toPrecision(3)}`));
  }
  const present = verdicts.flatMap((v) => v.present);
  if (present.length > 0) {
    const missed = present.filter((p) => p.answer !== 'found');
    const names = [...new Set(missed.map((p) => p.module))].map((m) => `${m} ${missed.filter((p) => p.module === m).length}/${present.filter((p) => p.module === m).length}`);
    rows.push(row('present effects not found', (100 * missed.length) / present.length, 20, '%', `${missed.filter((p) => p.answer === 'not-identifiable').length} said so, ${missed.filter((p) => p.answer === 'passed over').length} passed over: ${names.join(', ')}`));
  }
  rows.push(row('time of a match', middle(verdicts.map((v) => v.seconds)), 10, 's', `longest ${Math.max(...verdicts.map((v) => v.seconds)).toFixed(1)} s; measuring the recordings not included`));
  return rows;
}

function tell(verdict: Verdict): void {
  const cell = (v: number | null) => (v === null ? '-' : v.toFixed(3));
  console.log(`${verdict.seed} ${verdict.kind} | ${verdict.about} | ${verdict.failed ?? ''} mrstft ${cell(verdict.mrstft)} aligned ${cell(verdict.aligned)} (${cell(verdict.untouched)}) eq ${cell(verdict.eqDb)} gain ${cell(verdict.gainDb)} rt ${cell(verdict.rt60Percent)} width ${cell(verdict.width)} cents ${cell(verdict.cents)} delay ${cell(verdict.delayFrames)} ${verdict.seconds.toFixed(1)} s`);
  console.log(`    ${verdict.modules}`);
  for (const s of verdict.stated) console.log(`    ${s.name}: ${s.truth.toPrecision(4)} stated ${s.value.toPrecision(4)} [${s.interval[0].toPrecision(4)}, ${s.interval[1].toPrecision(4)}]${s.truth < s.interval[0] || s.truth > s.interval[1] ? ' OUT' : ''}`);
}

/** What earlier runs have kept, one verdict a line: 200 cases take an hour and more, which can be had in pieces. */
const verdictsIn = (file: string): Verdict[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').flatMap((line) => (line.trim() ? [JSON.parse(line) as Verdict] : [])) : [];

export const bench: Bench = {
  name: 'identify',
  about: `mode A on seeded chains of other makers: ${versions()}; medians`,
  yardstick: 'what the product promises',
  async run() {
    const words = process.argv.slice(2);
    const count = Number(option('count') ?? (words.includes('identify') ? MANY : FEW));
    const only = option('kind')?.split(',') as Kind[] | undefined;
    const kinds = only ?? KINDS;
    const first = Number(option('seed') ?? 1);
    const folders = [option('audio'), process.env['TONETWIN_BENCH_AUDIO']].flatMap((list) => (list ? list.split(':') : [])).map((f) => (isAbsolute(f) ? f : resolve(f)));
    const recordings = recordingsIn(folders);
    const file = option('lines');
    const verdicts = file === null ? [] : verdictsIn(file);
    const from = Number(option('from') ?? 0);
    for (let k = from; k < from + count; k += 1) {
      // Kinds take turns; the music changes with the case and, within a kind, between composed and recorded.
      const [seed, kind] = [2 * (first + k) + (Math.floor(k / kinds.length) % 2), kinds[k % kinds.length]!];
      if (verdicts.some((v) => v.seed === seed && v.kind === kind)) continue;
      const verdict = await judge(scenarioFor(seed, kind, recordings));
      verdicts.push(verdict);
      if (file !== null) appendFileSync(file, `${JSON.stringify(verdict)}\n`);
      if (words.includes('--each')) tell(verdict);
    }
    const rows = rowsOf(verdicts);
    const without = missing();
    if (without.length > 0) rows.push(row('processors not installed', without.length, null, '', without.join(', ')));
    rows.push(row('recordings', recordings.length, null, 'files', recordings.length > 0 ? 'every second case' : 'none given: all music is composed; --audio FOLDER or TONETWIN_BENCH_AUDIO adds some'));
    return rows;
  },
};
