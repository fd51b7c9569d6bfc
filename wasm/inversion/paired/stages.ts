/** The steps of taking a pair apart. Each reads the pair, looks at what the style already does, and sets its modules. */
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import { neutralStyle, type Style } from '../../../shared/style.ts';
import { type Engine, type EngineBinary, openEngine } from '../../host/engine.ts';
import { residualFir } from '../residual-fir.ts';
import { BODY_STAGES, ChainRenderer, renderStages, stepsOf } from './chain-renderer.ts';
import { inferredDecays } from './decay-inference.ts';
import { SpectralDistance } from './distance.ts';
import { dynamicsModules } from './dynamics-module.ts';
import { equalizerModule, residualOf } from './equalizer-module.ts';
import { type BandDecay, middleRt60 } from './energy-decay.ts';
import type { Stereo } from './excerpts.ts';
import { type Curve, linearPart, type LinearPart } from './linear-part.ts';
import { levelCurves, pitchModule } from './pitch.ts';
import { directPart, type Tail, tailOf } from './reverb-module.ts';
import { lookForTail, reverbResponses, type Responses, showsTail, tailDecays, type TailEvidence, withoutDirect } from './reverb-tail.ts';
import { lookForShortRoom } from './short-room.ts';
import type { TrialPool } from './trial-pool.ts';
import type { WholeChain } from './whole-chain.ts';
import { widthModule } from './width.ts';

export interface Pair {
  readonly engine: EngineBinary;
  readonly sampleRate: number;
  /** Aligned excerpts. */
  readonly targets: readonly Stereo[];
  readonly references: readonly Stereo[];
  /** The references on whole frames, for spectra. */
  readonly heard: readonly Stereo[];
  readonly ceilingDbtp: number;
  readonly referencePeakDbtp: number | null;
  /** How long the reference goes on after the target's end. */
  readonly ringOutSeconds: number;
  /** Who helps with trials; null: this thread alone. */
  readonly trials: TrialPool | null;
}

/** Early echoes ripple the direct sound's spectrum: flatter than this, nothing was equalized. */
const REVERBERANT_FLAT_DB = 0.8;
/** Those of a short room fall into the direct sound's window. */
const SHORT_FLAT_DB = 2;

/** @returns what the linear part alone makes of the targets */
export async function estimateLinear(pair: Pair, style: Style): Promise<readonly Stereo[]> {
  const linear = linearPart(await openEngine(pair.engine), pair.targets, pair.references, pair.sampleRate);
  style.modules.eq = equalizerModule(linear, pair.sampleRate);
  style.modules.stereo = widthModule(linear);
  return linear.model;
}

/**
 * Another pitch: the shift is rendered, and what is left is told by levels alone, because no waveform agrees any more.
 * @returns the pair with its targets at the reference's pitch
 */
export async function estimatePitched(pair: Pair, style: Style, semitones: number): Promise<Pair> {
  style.modules.pitch = pitchModule(semitones);
  const targets = await renderStages(pair.engine, pair.sampleRate, style, ['pitch'], pair.targets);
  const levels = levelCurves(await openEngine(pair.engine), targets, pair.references, pair.sampleRate);
  style.modules.eq = equalizerModule(levels, pair.sampleRate, PITCHED_FLAT_DB);
  style.modules.stereo = widthModule(levels, PITCHED_FLAT_DB, true);
  return { ...pair, targets };
}

/** Two ways to shift a pitch differ by this in the spectrum. */
const PITCHED_FLAT_DB = 0.6;

/** A chain with a reverb, and what it would give if nothing moved the level. */
export interface Reverberant {
  readonly evidence: TailEvidence;
  readonly still: readonly Stereo[];
}

/**
 * With a reverb the spectra show the room as well: the direct sound alone tells the equalizer and the width.
 * @returns null where there is no reverb
 */
export async function estimateReverb(pair: Pair, style: Style): Promise<Reverberant | null> {
  const evidence = await tailEvidence(pair);
  if (!evidence) return null;
  const still = await separateReverb(pair, style, evidence);
  return still && { evidence, still };
}

/** A short room's time can be told from its response up to here; from a longer one's, cut off, it cannot. */
const LONGEST_SHORT_SECONDS = 0.2;
/**
 * A short room's response is expected to be louder and to fall more slowly than the look says: with the look's own values
 * times come out 20 % too short, with twice these up to half too long (5 plates of another maker, `npm run bench -- identify`).
 */
const SLOWER = 3;
const LOUDER_DB = 10;
/** What a room is taken for that powers do not tell. */
const USUAL_RT60_SECONDS = 1;

async function tailEvidence({ engine, targets, references, sampleRate }: Pair): Promise<TailEvidence | null> {
  const evidence = await lookForTail(await openEngine(engine), targets, references, sampleRate);
  if (showsTail(evidence)) return evidence;
  const room = await lookForShortRoom(await openEngine(engine), targets, references, sampleRate);
  if (!room) return null;
  const isShort = room.rt60Seconds < LONGEST_SHORT_SECONDS;
  // A plate rings longer in the bass than where its time is measured.
  if (isShort) return { ...room, rt60Seconds: SLOWER * room.rt60Seconds, startDb: room.startDb + LOUDER_DB, energyGain: 0, isShort };
  return { ...room, rt60Seconds: USUAL_RT60_SECONDS, energyGain: 0, isShort };
}

/**
 * Equalizer, width and tail from the responses between what leaves the dynamics and the reference.
 * Asked again when the dynamics are known: a level that moves before the room blurs its response.
 */
export async function separateReverb(pair: Pair, style: Style, evidence: TailEvidence): Promise<readonly Stereo[] | null> {
  const { engine: binary, sampleRate, targets, references } = pair;
  const responsesFrom = async (inputs: readonly Stereo[]) => reverbResponses(await openEngine(binary), inputs, references, sampleRate, evidence);
  const entering = () => renderStages(binary, sampleRate, style, ['eq', 'dynamics', 'exciter', 'stereo'], targets);
  const isFirst = !style.modules.reverb.enabled;
  let inputs = isFirst ? targets : await entering();
  let responses = await responsesFrom(inputs);
  const direct = onTopOf(style, directPart(await openEngine(binary), responses, sampleRate, evidence.isShort), sampleRate);
  const flatDb = evidence.isShort ? SHORT_FLAT_DB : REVERBERANT_FLAT_DB;
  style.modules.eq = equalizerModule(direct, sampleRate, flatDb);
  style.modules.stereo = widthModule(direct, flatDb, true);
  if (!isFirst || style.modules.eq.enabled || style.modules.stereo.enabled) {
    inputs = await entering();
    responses = await responsesFrom(inputs);
  }
  const decays = evidence.isShort ? [] : await decaysOf(pair, inputs, responses);
  const nearest = await nearestTail(pair, style, responses, decays, evidence);
  if (!nearest) return null;
  style.modules.reverb = nearest.tail.module;
  style.irs = { ...style.irs, [nearest.tail.key]: nearest.tail.ir };
  return nearest.still;
}

async function decaysOf({ engine: binary, sampleRate, references }: Pair, inputs: readonly Stereo[], responses: Responses): Promise<BandDecay[]> {
  const left = withoutDirect(await openEngine(binary), inputs, references, responses, sampleRate);
  const powers = tailDecays(await openEngine(binary), inputs, left, sampleRate);
  return inferredDecays(await openEngine(binary), inputs, left, powers, responses.taps[0]!.length, sampleRate);
}

/**
 * A decay is heard where the music stops, which weighs little in the distance: a response that falls by 1 % faster or more
 * slowly than the room must be nearer by 3 %, but echoes are no decay: none counts as more than three times the distance.
 * Chosen on 53 rooms of other makers (`npm run bench -- identify`): 2 to 4 do alike, and so do two and four times.
 */
const DECAY_COUNTS = 3;
const DECAY_COUNTS_MOST = Math.log(3);

/** Of the shapes a response may be given the one that comes nearest to the reference and falls as the room does. */
async function nearestTail(pair: Pair, style: Style, responses: Responses, decays: readonly BandDecay[], evidence: TailEvidence): Promise<{ tail: Tail; still: readonly Stereo[] } | null> {
  const { engine: binary, sampleRate, targets, references } = pair;
  const rt60Seconds = middleRt60(decays) ?? evidence.rt60Seconds;
  let best: { cost: number; still: readonly Stereo[]; tail: Tail } | null = null;
  for (const shape of evidence.isShort ? (['found'] as const) : (['found', 'echoes', 'decay'] as const)) {
    const tail = await tailOf(await openEngine(binary), responses, decays, shape, sampleRate, evidence, pair.ringOutSeconds);
    if (!tail) continue;
    const tried = { ...style, modules: { ...style.modules, reverb: tail.module }, irs: { ...style.irs, [tail.key]: tail.ir } };
    const still = await renderStages(binary, sampleRate, tried, ['eq', 'stereo', 'reverb'], targets);
    const distance = distanceApart(await openEngine(binary), still[0]!, references[0]!);
    const offBy = Math.abs(Math.log((tail.rt60Seconds ?? rt60Seconds) / rt60Seconds));
    const cost = Math.log(distance) + Math.min(DECAY_COUNTS_MOST, DECAY_COUNTS * offBy);
    if (!best || cost < best.cost) best = { cost, still, tail };
  }
  return best;
}

/** Distance of two sounds made equally loud. */
function distanceApart(engine: Engine, own: Stereo, reference: Stereo): number {
  const power = (rows: Stereo) => rows.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 1e-20);
  const gain = Math.sqrt(power(reference) / power(own));
  return new SpectralDistance(engine, reference).of([own[0].map((x) => gain * x), own[1].map((x) => gain * x)]);
}

/** Curves that were measured behind a chain, with what its own equalizer and width do added. */
function onTopOf(style: Style, { mid, side }: Pick<LinearPart, 'mid' | 'side'>, sampleRate: number): Pick<LinearPart, 'mid' | 'side'> {
  const { eq, stereo } = style.modules;
  const now = eq.enabled ? equalizerResponseDb(eq.values.bands, mid.hz, sampleRate) : new Float64Array(mid.hz.length);
  const sideDb = (hz: number): number => {
    const { crossover1Hz, crossover2Hz, widthLow, widthMid, widthHigh } = stereo.values;
    return stereo.enabled ? 20 * Math.log10(Math.max(0.01, hz < crossover1Hz ? widthLow : hz < crossover2Hz ? widthMid : widthHigh)) : 0;
  };
  const moved = (curve: Curve, by: (k: number) => number): Curve => ({ ...curve, db: curve.db.map((db, k) => db + by(k)) });
  return { mid: moved(mid, (k) => now[k]!), side: side && moved(side, (k) => now[k]! + sideDb(mid.hz[k]!)) };
}

/**
 * @param still what the chain would give if it moved no level
 * @returns the gain into the limiter, dB
 */
export async function estimateDynamics(pair: Pair, style: Style, still: readonly Stereo[]): Promise<number> {
  const { engine, sampleRate, targets, references, ceilingDbtp, referencePeakDbtp, trials } = pair;
  const found = await dynamicsModules({
    engine,
    sampleRate,
    input: await renderStages(engine, sampleRate, style, ['eq'], targets),
    reference: references,
    still,
    afterwards: stepsOf(style.modules, ['exciter', 'stereo', 'reverb']),
    assets: style.irs,
    ceilingDbtp,
    referencePeakDbtp,
    trials,
  });
  style.modules.dynamics = found.dynamics;
  style.modules.limiter = found.limiter;
  return found.gainDb;
}

/**
 * Equalizer and width once more, now that the dynamics are known: what lies between the chain's own output and the
 * reference is added to what the equalizer does already.
 *
 * Kept only where it brings the sound nearer.
 */
export async function refineLinear(pair: Pair, style: Style, gainDb: number, chain: WholeChain): Promise<void> {
  const { sampleRate } = pair;
  const whole = onTopOf(style, await linearLeft(pair, style, gainDb), sampleRate);
  const changes = { eq: equalizerModule(whole, sampleRate), stereo: widthModule(whole) };
  if ((await chain.distance(style, changes)) < (await chain.distance(style)) + SAME_DISTANCE) Object.assign(style.modules, changes);
}

/** The linear part that still lies between the chain's own output and the reference. */
async function linearLeft({ engine: binary, sampleRate, targets, references }: Pair, style: Style, gainDb: number): Promise<LinearPart> {
  const bodies = await renderStages(binary, sampleRate, style, BODY_STAGES, targets);
  const finish = new ChainRenderer(await openEngine(binary), sampleRate, [
    { effect: 'gain', values: { gainDb } },
    { effect: 'limiter', values: style.modules.limiter.values },
  ]);
  const outputs = bodies.map((body): Stereo => {
    const [left, right] = finish.render(body);
    return [left.slice(), right.slice()];
  });
  return linearPart(await openEngine(binary), outputs, references, sampleRate);
}

/** What is left after bands and width, as a filter. */
export async function estimateResidual(pair: Pair, style: Style, gainDb: number): Promise<void> {
  const left = await linearLeft(pair, style, gainDb);
  const idle = neutralStyle(style.engine, 'A').modules;
  const { module, ir } = await residualFir(await openEngine(pair.engine), residualOf(left, idle, pair.sampleRate), pair.sampleRate);
  style.modules.matchFir = module;
  if (ir) style.irs = { ...style.irs, [ir.key]: ir.response };
}

/** Differences in distance that nobody hears; of two styles this near the later, which knew more, is kept. */
const SAME_DISTANCE = 0.002;
