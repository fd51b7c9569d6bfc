/** One case: its files, what the product makes of them, how far that lies from what it is judged by. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pcmFromArrays, type PcmSource } from '../../../shared/pcm.ts';
import type { Style } from '../../../shared/style.ts';
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import { createFile } from '../../../wasm/cli/node-files.ts';
import { openRecording, placeRecording, unpackFlac } from '../../../wasm/cli/recordings.ts';
import { createWavWriter } from '../../../wasm/formats/wav-writer.ts';
import { type EngineBinary, openEngine } from '../../../wasm/host/engine.ts';
import { resamplePcm } from '../../../wasm/host/resampler.ts';
import { invertParams } from '../../../wasm/inversion/invert.ts';
import { renderArrays } from '../../support/rendering.ts';
import { measureCase, type Measures, type Recording } from './measures.ts';

export type Group = 'A' | 'B' | 'C';

export interface Case {
  readonly id: string;
  readonly group: Group;
  readonly folder: string;
  readonly truth: string | null;
  /** Types of the chain's steps, where it is known. */
  readonly chain: readonly string[];
}

const GROUPS: Readonly<Record<string, Group>> = { paired: 'A', unpaired: 'B', cross: 'C' };

interface CaseDocument {
  readonly id: string;
  readonly mode: string;
  readonly truth: string | null;
  readonly chain?: readonly { readonly type: string }[] | string;
}

/** Every folder with a `case.json`, in order. */
export function casesIn(root: string): Case[] {
  return readdirSync(root)
    .sort()
    .filter((name) => existsSync(join(root, name, 'case.json')))
    .map((name) => {
      const { id, mode, truth, chain } = JSON.parse(readFileSync(join(root, name, 'case.json'), 'utf8')) as CaseDocument;
      const group = GROUPS[mode];
      if (!group) throw new Error(`${name}: mode ${mode} is none of ${Object.keys(GROUPS).join(', ')}.`);
      return { id, group, folder: join(root, name), truth, chain: Array.isArray(chain) ? chain.map(({ type }) => type) : [] };
    });
}

/** A mono recording keeps one row; measures take it as two. */
async function load(binary: EngineBinary, path: string, folder: string): Promise<PcmSource> {
  const { pcm, close } = await openRecording(await placeRecording(path, path, folder, async (from, to) => unpackFlac(from, to, await openEngine(binary))));
  const rows = await pcm.read(0, pcm.frames);
  await close();
  return pcmFromArrays(rows, pcm.sampleRate);
}

async function atRate(binary: EngineBinary, pcm: PcmSource, sampleRate: number): Promise<Recording> {
  const source = pcm.sampleRate === sampleRate ? pcm : resamplePcm(pcm, sampleRate, await openEngine(binary));
  const rows = await source.read(0, source.frames);
  return { rows: [rows[0]!, rows[1] ?? rows[0]!], sampleRate };
}

async function keep(folder: string, id: string, pcm: PcmSource): Promise<void> {
  const file = await createFile(join(folder, `${id}.wav`));
  const writer = await createWavWriter(file, { sampleRate: pcm.sampleRate, channels: pcm.channels, bitDepth: '32f', frames: pcm.frames });
  await writer.write(await pcm.read(0, pcm.frames));
  await writer.finish();
  await file.finish();
}

/** Level of 50 ms, both channels, dB. */
function levelsDb(pcm: readonly Float32Array[], sampleRate: number): number[] {
  const size = Math.round(0.05 * sampleRate);
  return Array.from({ length: Math.floor(pcm[0]!.length / size) }, (_, frame) => {
    let sum = 1e-10;
    for (const row of pcm) for (let i = frame * size; i < (frame + 1) * size; i += 1) sum += row[i]! ** 2 / (size * pcm.length);
    return 10 * Math.log10(sum);
  });
}

const meanDistance = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + Math.abs(x - (b[i] ?? x)), 0) / Math.max(1, a.length);

export interface Outcome {
  readonly case: Case;
  readonly untouched: Measures;
  readonly matched: Measures;
  readonly withFilter: Measures;
  /** Distance of intensity 50 % to the full result over that of the untouched target; null where nothing was changed. */
  readonly half: { readonly ltas: number | null; readonly gainTrace: number | null };
  /** Target matched to itself: largest difference, dB re full scale; null where its own peaks pass the ceiling. */
  readonly itselfDb: number | null;
  readonly seconds: number;
}

export interface CaseOptions {
  readonly scratch: string;
  /** Renders are kept here, where given. */
  readonly out: string | null;
}

export async function runCase(binary: EngineBinary, one: Case, { scratch, out }: CaseOptions): Promise<Outcome> {
  const [target, reference] = [await load(binary, join(one.folder, 'target.flac'), scratch), await load(binary, join(one.folder, 'reference.flac'), scratch)];
  const judge = one.truth === null ? reference : await load(binary, join(one.folder, one.truth), scratch);
  const features = (pcm: PcmSource) => analyzeFeatures(pcm, { engine: binary, contentHash: '0'.repeat(64) });
  const measured = { reference: { pcm: reference, features: await features(reference) }, target: { pcm: target, features: await features(target) } };
  const invert = (residualFir: boolean, to = measured.reference) =>
    invertParams(to, measured.target, { engine: binary, mode: one.group === 'A' ? 'A' : 'B', pitch: one.group === 'A', ceilingDbtp: -1, residualFir });
  const rows = await target.read(0, target.frames);
  const render = async (style: Style) => pcmFromArrays((await renderArrays(rows, target.sampleRate, style, { engine: binary })).channels, target.sampleRate);
  const judged = await atRate(binary, judge, reference.sampleRate);
  const measure = async (pcm: PcmSource) => measureCase(binary, await atRate(binary, pcm, reference.sampleRate), judged, one.truth !== null);

  const start = performance.now();
  const style = await invert(false);
  const full = await render(style);
  const seconds = (performance.now() - start) / 1000;
  if (out !== null) await keep(out, one.id, full);
  const half = await render({ ...style, intensity: 0.5 });
  const fullRecording = await atRate(binary, full, reference.sampleRate);
  const ltasToFull = async (pcm: PcmSource) => (await measureCase(binary, await atRate(binary, pcm, reference.sampleRate), fullRecording, false)).ltas!;
  const levelsOf = async (pcm: PcmSource) => levelsDb(await pcm.read(0, pcm.frames), pcm.sampleRate);
  const levels = { none: await levelsOf(target), half: await levelsOf(half), full: await levelsOf(full) };
  const shareOf = (part: number, whole: number) => (whole < 0.3 ? null : part / whole);

  const itself = await invert(false, measured.target);
  const again = await render(itself);
  const same = await again.read(0, target.frames);
  const worst = rows.reduce((high, row, c) => row.reduce((h, x, i) => Math.max(h, Math.abs(x - same[c]![i]!)), high), 0);
  return {
    case: one,
    untouched: await measure(target),
    matched: await measure(full),
    withFilter: await measure(await render(await invert(true))),
    half: { ltas: shareOf(await ltasToFull(half), await ltasToFull(target)), gainTrace: shareOf(meanDistance(levels.half, levels.full), meanDistance(levels.none, levels.full)) },
    itselfDb: (measured.target.features.truePeakDbtp ?? 0) > -1.2 ? null : 20 * Math.log10(Math.max(worst, 1e-12)),
    seconds,
  };
}
