/** Trials of mode A's fits, done elsewhere: what is asked, what is answered, and the work itself. */
import type { Style, StyleModules } from '../../../shared/style.ts';
import type { EngineBinary } from '../../host/engine.ts';
import type { FitOptions, FitParameter } from '../least-squares.ts';
import { type DynamicsAnswer, type DynamicsAsked, DynamicsTrial } from './dynamics-trial.ts';
import type { Stereo } from './excerpts.ts';
import { type JointPair, JointTrials, type Place } from './joint-trials.ts';
import type { Stage } from './knobs.ts';

interface Asked {
  readonly pair: JointPair;
  readonly irs: Style['irs'];
}

/** What a trial is, by kind; the arguments are those of `JointTrials` and `DynamicsTrial`. */
export interface Trials {
  readonly columns: { readonly in: Asked & { readonly kind: 'columns'; readonly place: Place; readonly which: readonly number[] }; readonly out: Float32Array[] };
  readonly distances: { readonly in: Asked & { readonly kind: 'distances'; readonly settings: readonly StyleModules[]; readonly from: Stage }; readonly out: number[] };
  /** Tasks of the same id ask about the same piece. */
  readonly level: { readonly in: { readonly kind: 'level'; readonly id: number; readonly asked: DynamicsAsked; readonly parameters: readonly FitParameter[]; readonly options: FitOptions }; readonly out: DynamicsAnswer };
}

export type TrialKind = keyof Trials;
export type TrialTask = Trials[TrialKind]['in'];
export type TrialAnswer = Trials[TrialKind]['out'];

/** Who runs trials: workers in a browser, worker threads in Node. */
export interface TrialPool {
  /** How many trials run at once. */
  readonly size: number;
  /** Rejects when its worker dies. */
  run<K extends TrialKind>(task: Trials[K]['in'] & { readonly kind: K }): Promise<Trials[K]['out']>;
}

let ids = 0;

/** Under which what several tasks have in common is known to who works on them. */
export const newTrialId = (): number => (ids += 1);

/** What was worked on last: a fit asks about one thing many times. */
let joint: { readonly id: number; readonly trials: Promise<JointTrials> } | null = null;
let dynamics: { readonly id: number; readonly trial: Promise<DynamicsTrial> } | null = null;

/** What a worker does with a task. */
export async function runTrial(engine: EngineBinary, task: TrialTask): Promise<TrialAnswer> {
  if (task.kind === 'level') {
    if (dynamics?.id !== task.id) dynamics = { id: task.id, trial: DynamicsTrial.create(engine, task.asked) };
    return (await dynamics.trial).fit(task.parameters, task.options);
  }
  const { pair, irs } = task;
  if (joint?.id !== pair.id) joint = { id: pair.id, trials: JointTrials.create(engine, pair) };
  const trials = await joint.trials;
  switch (task.kind) {
    case 'columns':
      return trials.columns(task.place, irs, task.which);
    case 'distances':
      return trials.distances(irs, task.settings, task.from);
    default:
      return task satisfies never;
  }
}

/** Buffers of an answer that can be moved instead of copied. */
export const buffersOf = (answer: TrialAnswer): ArrayBuffer[] => (Array.isArray(answer) ? answer.flatMap((part) => (typeof part === 'number' ? [] : [part.buffer as ArrayBuffer])) : []);

/** Memory that all threads see, where the platform gives it to us; else it is copied with each task. */
export function shared(signal: Stereo): Stereo {
  if (typeof SharedArrayBuffer === 'undefined') return [signal[0].slice(), signal[1].slice()];
  const rows = signal.map((channel) => {
    const row = new Float32Array(new SharedArrayBuffer(4 * channel.length));
    row.set(channel);
    return row;
  });
  return [rows[0]!, rows[1]!];
}

/** Deals items out to `count` hands in turn, works on all hands at once, and puts the answers in the items' order. */
export async function inTurns<T, R>(items: readonly T[], count: number, work: (some: readonly T[]) => Promise<R[]>): Promise<R[]> {
  const hands = Array.from({ length: Math.min(count, items.length) }, (_, h) => items.filter((_item, i) => i % count === h));
  const answers = await Promise.all(hands.map(work));
  return items.map((_, i) => answers[i % count]![Math.floor(i / count)]!);
}
