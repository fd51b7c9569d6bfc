import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { engineBinary } from '../support/engine.ts';
import type { Bench, BenchRow } from './bench.ts';
import { COLUMNS, type Measures } from './cases/measures.ts';
import { casesIn, type Group, type Outcome, runCase } from './cases/run-case.ts';

type Column = keyof typeof COLUMNS;

/** What the product promises, means over cases. */
const GOALS: Readonly<Record<Group, Partial<Record<Column, number>>>> = {
  A: { loudness: 0.1, over: 0, lra: 0.2, plr: 0.4, ltas: 0.25, side: 0.5, spread: 0.6, fall: 8, mrstft: 0.35, mel: 1.3, pitch: 5 },
  C: { loudness: 1, over: 0, lra: 0.7, plr: 1.2, ltas: 2, side: 2.5, spread: 1.2, fall: 15, mrstftAligned: 0.6, mel: 3 },
  B: { loudness: 0.1, over: 0, lra: 2.2, plr: 1, ltas: 2, side: 1, spread: 4 },
};
const TITLES: Readonly<Record<Group, string>> = { A: 'A paired', C: 'C cross', B: 'B unpaired' };
/** Further from the truth than doing nothing: by more than this share. */
const TOLERANCE = 1.02;

const option = (name: string): string | null => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : resolve(process.argv[at + 1] ?? '.');
};

const known = (values: readonly (number | null)[]): number[] => values.filter((v) => v !== null);
const mean = (values: readonly (number | null)[]): number => known(values).reduce((a, b) => a + b, 0) / Math.max(1, known(values).length);
const number = (value: number): string => (Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(2));

function rowsOf(outcomes: readonly Outcome[]): BenchRow[] {
  const rows: BenchRow[] = [];
  for (const group of ['A', 'C', 'B'] as const) {
    const of = outcomes.filter((outcome) => outcome.case.group === group);
    if (of.length === 0) continue;
    for (const [column, goal] of Object.entries(GOALS[group]) as [Column, number][]) {
      const summary = (from: (outcome: Outcome) => Measures) => {
        const values = of.map((outcome) => from(outcome)[column]);
        // The ceiling is a promise: the worst case counts.
        return column === 'over' ? Math.max(...known(values)) : mean(values);
      };
      const [ours, filtered, untouched] = [summary((o) => o.matched), summary((o) => o.withFilter), summary((o) => o.untouched)];
      rows.push({
        what: `${TITLES[group]} (${of.length}): ${COLUMNS[column]}`,
        ours,
        yardstick: goal,
        unit: '',
        ratio: goal === 0 ? null : goal / Math.max(ours, 1e-3),
        note: `untouched ${number(untouched)}; with the residual FIR ${number(filtered)}`,
      });
    }
    if (group !== 'B') {
      const worse = of.filter(({ matched, untouched }) => matched.mrstftAligned! > TOLERANCE * untouched.mrstftAligned!);
      rows.push({ what: `${TITLES[group]}: further from the truth than doing nothing`, ours: worse.length, yardstick: 0, unit: 'cases', ratio: null, note: worse.map((o) => o.case.id).join(' ') });
    }
  }
  const paired = outcomes.filter((o) => o.case.group === 'A');
  const kindOf = (o: Outcome) => [...new Set(o.case.chain)].join('+') || 'unknown';
  for (const kind of new Set(paired.map(kindOf))) {
    const of = paired.filter((o) => kindOf(o) === kind);
    rows.push({ what: `A by kind, MRSTFT: ${kind}`, ours: mean(of.map((o) => o.matched.mrstft)), yardstick: mean(of.map((o) => o.untouched.mrstft)), unit: '', ratio: mean(of.map((o) => o.untouched.mrstft)) / mean(of.map((o) => o.matched.mrstft)), note: 'yardstick: untouched' });
  }
  for (const which of ['ltas', 'gainTrace'] as const) {
    const shares = known(outcomes.map((o) => o.half[which]));
    if (shares.length > 0) rows.push({ what: `intensity 50 %: share of the ${which === 'ltas' ? 'LTAS' : 'level over time'} that is left to go`, ours: mean(shares), yardstick: 0.5, unit: '', ratio: null, note: `${Math.min(...shares).toFixed(2)} to ${Math.max(...shares).toFixed(2)}; goal 0.45 to 0.55` });
  }
  const itself = known(outcomes.map((o) => o.itselfDb));
  if (itself.length > 0) rows.push({ what: 'a recording matched to itself, largest change', ours: Math.max(...itself), yardstick: -60, unit: 'dB', ratio: null, note: `${itself.length} cases whose peaks are under the ceiling` });
  return rows;
}

const root = option('cases') ?? (process.env['CASES'] ? resolve(process.env['CASES']) : null);

export const bench: Bench = {
  name: 'cases',
  about: 'recordings with known answers, matched as a person would with default settings; a folder of them is named by --cases FOLDER or CASES',
  yardstick: 'what the product promises',
  async run() {
    if (root === null || !existsSync(root)) {
      return [{ what: 'not run: no folder of cases. Name one with --cases FOLDER (each case: case.json, target.flac, reference.flac, and the truth it names)', ours: 0, yardstick: null, unit: '', ratio: null }];
    }
    const [scratch, out] = [mkdtempSync(join(tmpdir(), 'tonetwin-cases-')), option('out')];
    if (out !== null) mkdirSync(out, { recursive: true });
    try {
      const outcomes: Outcome[] = [];
      for (const one of casesIn(root)) {
        const outcome = await runCase(await engineBinary(), one, { scratch, out });
        outcomes.push(outcome);
        if (process.argv.includes('--each')) console.log(JSON.stringify({ id: one.id, ...outcome.matched, seconds: outcome.seconds, half: outcome.half, itselfDb: outcome.itselfDb }));
      }
      return rowsOf(outcomes);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};
