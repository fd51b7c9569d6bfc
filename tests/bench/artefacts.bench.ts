import { basename, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { ENGINE_PATH } from '../../wasm/build/compile.ts';
import { compileEngine } from '../../wasm/host/engine.ts';
import { type Alarms, alarmsIn, ALL_FAULTS, type Hit, hitsIn, type Judging, MASKED, type Piece } from './artefacts/rates.ts';
import type { Bench, BenchRow } from './bench.ts';
import { Draw } from './identify/draw.ts';
import { composedPiece, recordingsIn } from './identify/material.ts';
import { decoded, secondsOf } from './identify/processors.ts';

const DEMOS = fileURLToPath(new URL('../../web/public/demo', import.meta.url));
/** Of each recording, from a seeded place. */
const LONGEST_SECONDS = 60;
const SHORTEST_SECONDS = 12;
const RATE = 48_000;
const GOAL_PERCENT = 95;
const GOAL_AN_HOUR = 1;

const option = (name: string): string | null => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : (process.argv[at + 1] ?? null);
};

function excerpt(file: string, draw: Draw): Piece | null {
  const length = secondsOf(file);
  if (!(length >= SHORTEST_SECONDS)) return null;
  const from = length > LONGEST_SECONDS ? draw.between(0, length - LONGEST_SECONDS) : 0;
  const channels = decoded(file, from, Math.min(length, LONGEST_SECONDS), RATE);
  return { about: `${basename(file)} from ${from.toFixed(1)} s`, channels, sampleRate: RATE };
}

const WORDS: Record<Judging, string> = { alone: 'by itself', compared: 'beside its target' };
/** dB over the mask from which a fault must be found: over what a listener may differ from the model by. */
const HEARD_DB = 6;
const MARGINS_DB = [0, 3, 6, 9, 12, 18, 24, 36, Infinity];

const percentOf = (hits: readonly Hit[]): number => (100 * hits.filter(({ isFound }) => isFound).length) / hits.length;

function byMargin(hits: readonly Hit[]): string {
  const parts = MARGINS_DB.slice(1).map((to, k) => [MARGINS_DB[k]!, to, hits.filter(({ marginDb }) => marginDb !== null && marginDb >= MARGINS_DB[k]! && marginDb < to)] as const);
  return parts.filter(([, , of]) => of.length > 0).map(([from, to, of]) => `${from}${to < Infinity ? `-${to}` : '+'} dB: ${percentOf(of).toFixed(0)} % of ${of.length}`).join(', ');
}

function rowsOf(from: string, hits: readonly Hit[], alarms: readonly Alarms[]): BenchRow[] {
  const rows: BenchRow[] = [];
  const add = (what: string, of: readonly Hit[], note: string) => {
    if (of.length === 0) return;
    const percent = percentOf(of);
    rows.push({ what: `${from}: ${what}`, ours: percent, yardstick: GOAL_PERCENT, unit: '%', ratio: percent / GOAL_PERCENT, note: `${of.length} injected${note}` });
  };
  for (const judging of ['alone', 'compared'] as const) {
    for (const kind of ALL_FAULTS) {
      const all = hits.filter((h) => h.kind === kind && h.judging === judging);
      const found = `${kind} found, ${WORDS[judging]}`;
      const masked = all.filter(({ marginDb, sizing }) => marginDb !== null && (sizing === 'mask' || !MASKED.has(kind)));
      add(`${found}, heard`, masked.filter(({ marginDb }) => marginDb! >= HEARD_DB), masked.length > 0 ? `; over the mask: ${byMargin(masked)}` : '');
      add(`${found}, of a stated size`, all.filter(({ sizing }) => sizing === 'music'), '');
    }
  }
  for (const what of ['as it is', 'beside its target', 'pitch shifted'] as const) {
    const of = alarms.filter((a) => a.what === what);
    const hours = of.reduce((sum, a) => sum + a.seconds, 0) / 3600;
    if (hours === 0) continue;
    // An over of a clean recording is there: it is measured, not guessed.
    const found = of.flatMap((a) => a.findings);
    const wrong = found.filter((f) => f.kind !== 'over').length;
    const kinds = ALL_FAULTS.map((kind) => [kind, found.filter((f) => f.kind === kind).length] as const).filter(([, n]) => n > 0);
    const rate = wrong / hours;
    rows.push({ what: `${from}: false alarms, ${what}`, ours: rate, yardstick: GOAL_AN_HOUR, unit: '/h', ratio: rate > 0 ? GOAL_AN_HOUR / rate : null, note: `${hours.toFixed(2)} h; ${kinds.map(([kind, n]) => `${n} ${kind}`).join(', ') || 'none'}` });
  }
  return rows;
}

export const bench: Bench = {
  name: 'artefacts',
  about: 'the artefact detector: injected faults it finds, false alarms an hour of clean music (overs, which are measured, aside)',
  yardstick: 'what the product promises',
  async run() {
    const engine = await compileEngine(new Uint8Array(readFileSync(ENGINE_PATH)));
    const isAsked = process.argv.slice(2).includes('artefacts');
    const first = Number(option('seed') ?? 1);
    const count = Number(option('count') ?? (isAsked ? 60 : 8));
    const folders = [option('audio'), process.env['TONETWIN_BENCH_AUDIO']].flatMap((list) => (list ? list.split(':') : [])).map((f) => (isAbsolute(f) ? f : resolve(f)));
    const recordings = recordingsIn(folders);
    const rows: BenchRow[] = [];
    const measure = async (from: string, pieces: Iterable<Piece | null>) => {
      const [hits, alarms]: [Hit[], Alarms[]] = [[], []];
      let seed = first * 1000;
      for (const piece of pieces) {
        seed += 1;
        if (!piece) continue;
        const heard = await alarmsIn(engine, piece, seed);
        alarms.push(...heard);
        // Kinds take turns, two to a piece, so that many pieces can be heard.
        const kinds = option('kind') === 'none' ? [] : option('kind') ? (option('kind')!.split(',') as Hit['kind'][]) : [0, 1].map((k) => ALL_FAULTS[(2 * seed + k) % ALL_FAULTS.length]!);
        const found: Hit[] = [];
        for (const kind of kinds) for (const sizing of ['mask', 'music'] as const) if (sizing === 'music' || MASKED.has(kind)) found.push(...(await hitsIn(engine, piece, kind, seed, sizing)));
        hits.push(...found);
        if (!process.argv.includes('--each')) continue;
        for (const h of found) if (!h.isFound) console.log(`${piece.about}: ${h.kind} ${h.judging} missed at ${h.seconds.toFixed(3)} s, ${h.marginDb?.toFixed(1) ?? '-'} dB over the mask`);
        for (const { what, findings } of heard) for (const f of findings) if (f.kind !== 'over') console.log(`${piece.about}: ${what}, ${f.kind} at ${(f.frame / piece.sampleRate).toFixed(3)} s, ${f.size.toFixed(1)}`);
      }
      rows.push(...rowsOf(from, hits, alarms));
    };
    const composed = function* () {
      for (let k = 0; k < count; k += 1) yield composedPiece(first + k);
    };
    const excerpts = function* (files: readonly string[]) {
      for (const [k, file] of files.entries()) yield excerpt(file, new Draw(first + k));
    };
    await measure('composed', composed());
    await measure('demo', excerpts([...recordingsIn([DEMOS]), ...recordingsIn([DEMOS]), ...recordingsIn([DEMOS])]));
    if (recordings.length > 0) await measure('recordings', excerpts(recordings));
    return rows;
  },
};
