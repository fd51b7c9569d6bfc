/**
 * The linear part of a style, equalizer and match filter, as one minimum-phase impulse response for any convolver.
 */
import type { Style } from '../../../shared/style.ts';
import { createWavWriter } from '../../formats/wav-writer.ts';
import { type Engine, openEngine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import { bodySteps } from '../../rendering/style-chain.ts';
import type { Exporter, Loss } from '../contract.ts';
import { leftOut } from '../left-out.ts';
import { minimumPhase } from './minimum-phase.ts';

/** 2.7 s at 48 kHz. A high pass is zero at 0 Hz, so its cepstrum falls slowly and folds over in a shorter transform. */
const FFT_SIZE = 131_072;

/** What lies after the last sample over this, re the highest, is cut. */
const END_DB = -120;

/** The last part fades out, so that the cut makes no step. */
const FADE_SHARE = 0.05;

/** Magnitude of the chain's response to an impulse on both channels: the middle. */
function magnitudeOf(engine: Engine, style: Style, sampleRate: number, fft: RealFft): Float32Array {
  const steps = bodySteps(style, 2).filter((step) => step.effect === 'equalizer' || step.effect === 'match-fir');
  const left = new Float32Array(FFT_SIZE);
  left[0] = 1;
  const right = left.slice();
  engine.createChain(sampleRate, steps, style.irs).process(left, right);
  const re = new Float32Array(FFT_SIZE / 2 + 1);
  const im = new Float32Array(FFT_SIZE / 2 + 1);
  fft.forward(left, re, im);
  return re.map((value, k) => Math.hypot(value, im[k]!));
}

function trimmed(response: Float32Array): Float32Array {
  const threshold = response.reduce((a, b) => Math.max(a, Math.abs(b)), 0) * 10 ** (END_DB / 20);
  let end = response.length;
  while (end > 1 && Math.abs(response[end - 1]!) <= threshold) end -= 1;
  const kept = response.slice(0, end);
  const fade = Math.floor(end * FADE_SHARE);
  for (let i = 0; i < fade; i += 1) kept[end - fade + i]! *= 0.5 + 0.5 * Math.cos((Math.PI * (i + 1)) / (fade + 1));
  return kept;
}

function sidesDiffer(style: Style): boolean {
  const { enabled, values } = style.modules.matchFir;
  const ir = values.irKey === null ? undefined : style.irs[values.irKey];
  const [mid, side] = ir?.channels ?? [];
  return enabled && values.amount > 0 && mid !== undefined && side !== undefined && side.some((value, i) => value !== mid[i]);
}

export const irWav = {
  format: 'ir-wav',
  extension: 'wav',
  mediaType: 'audio/wav',
  encode: async (style, { engine: binary, sampleRate }) => {
    const engine = await openEngine(binary);
    const fft = new RealFft(engine, FFT_SIZE);
    const response = trimmed(minimumPhase(fft, magnitudeOf(engine, style, sampleRate, fft)));
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const output = { write: (bytes: Uint8Array<ArrayBuffer>) => Promise.resolve(void pieces.push(bytes)) };
    const writer = await createWavWriter(output, { sampleRate, channels: 1, bitDepth: '32f', frames: response.length });
    await writer.write([response]);
    await writer.finish();
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    pieces.reduce((at, piece) => (bytes.set(piece, at), at + piece.length), 0);
    const losses: Loss[] = sidesDiffer(style) ? [{ code: 'matchFir/mid-only', args: {} }] : [];
    return { bytes, losses: [...losses, ...leftOut(style, ['eq', 'matchFir'])] };
  },
} as const satisfies Exporter;
