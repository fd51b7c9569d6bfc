/** Chains of other makers' processors, drawn by seed, with what is known about them. */
import type { EqualizerBand } from '../../../shared/params/equalizer.ts';
import type { ModuleName } from '../../../shared/style.ts';
import type { Draw } from './draw.ts';
import { ffmpeg, isInstalled, ladspa, lv2, sox, type Step } from './processors.ts';

/** dB of the material a chain is made for. */
export interface Levels {
  readonly rmsDb: number;
  readonly peakDb: number;
  readonly sampleRate: number;
}

export interface Part {
  readonly steps: readonly Step[];
  /** The module of ours that is to answer. */
  readonly module: ModuleName;
  /** Bands of an equalizer whose shapes are the ones everybody uses (the audio EQ cookbook's). */
  readonly bands?: readonly EqualizerBand[];
  readonly ratio?: number;
  readonly thresholdDb?: number;
  readonly width?: number;
  readonly cents?: number;
  /** Delay that the processors themselves add, frames. */
  readonly latencyFrames?: number;
}

type Maker = (draw: Draw, levels: Levels) => Part;

/** One of the makers that are installed. */
function installed(draw: Draw, levels: Levels, makers: readonly Maker[]): Part {
  const rest = [...makers];
  for (;;) {
    const maker = rest.splice(draw.whole(0, rest.length - 1), 1)[0];
    if (!maker) throw new Error('None of these processors is installed.');
    const part = maker(draw, levels);
    if (part.steps.every(isInstalled)) return part;
  }
}

const gainOf = (draw: Draw, most = 9): number => draw.sign() * draw.between(1.5, most);
const linear = (db: number): number => 10 ** (db / 20);
/** Frequencies an octave or more apart, low to high. */
const spread = (draw: Draw, count: number): number[] => Array.from({ length: count }, (_, k) => 60 * 2 ** ((7.4 * (k + draw.between(0.2, 0.8))) / count));

function bandsOf(draw: Draw): EqualizerBand[] {
  const bands: EqualizerBand[] = spread(draw, draw.whole(1, 4)).map((fHz) => ({ type: 'peak', fHz, q: draw.ratio(0.5, 3), gainDb: gainOf(draw) }));
  if (draw.chance(0.5)) bands.push({ type: 'low_shelf', fHz: draw.ratio(70, 250), q: 0.707, gainDb: gainOf(draw, 7) });
  if (draw.chance(0.5)) bands.push({ type: 'high_shelf', fHz: draw.ratio(4000, 10_000), q: 0.707, gainDb: gainOf(draw, 7) });
  return bands;
}

const ffmpegBand = ({ type, fHz, q, gainDb }: EqualizerBand): Step =>
  ffmpeg(`${{ peak: 'equalizer', low_shelf: 'lowshelf', high_shelf: 'highshelf', high_pass: 'highpass', low_pass: 'lowpass' }[type]}=f=${fHz.toFixed(2)}:t=q:w=${q.toFixed(4)}:g=${gainDb.toFixed(3)}`);
const soxBand = ({ type, fHz, q, gainDb }: EqualizerBand): Step =>
  sox(type === 'peak' ? `equalizer ${fHz.toFixed(2)} ${q.toFixed(4)}q ${gainDb.toFixed(3)}` : `${type === 'low_shelf' ? 'bass' : 'treble'} ${gainDb.toFixed(3)} ${fHz.toFixed(2)} 0.707q`);

/** ffmpeg's default: half of the filter's length. */
const FIREQUALIZER_SECONDS = 0.01;

const EQUALIZERS: readonly Maker[] = [
  (draw) => {
    const bands = bandsOf(draw);
    return { module: 'eq', steps: bands.map(ffmpegBand), bands };
  },
  (draw) => {
    const bands = bandsOf(draw);
    return { module: 'eq', steps: bands.map(soxBand), bands };
  },
  (draw) => ({ module: 'eq', steps: [ffmpeg(`highpass=f=${draw.ratio(30, 90).toFixed(1)}:p=2`), ffmpeg(`bass=g=${gainOf(draw, 6).toFixed(2)}:f=${draw.ratio(80, 200).toFixed(0)}`), ffmpeg(`treble=g=${gainOf(draw, 6).toFixed(2)}:f=${draw.ratio(3000, 9000).toFixed(0)}`)] }),
  (draw, { sampleRate }) => ({ module: 'eq', latencyFrames: FIREQUALIZER_SECONDS * sampleRate, steps: [ffmpeg(`firequalizer=gain_entry='${[31, 100, 300, 1000, 3000, 9000, 16_000].map((f) => `entry(${f},${draw.between(-5, 5).toFixed(2)})`).join(';')}'`, 'firequalizer')] }),
  (draw) => ({ module: 'eq', steps: [ladspa('ZamEQ2-ladspa', 'ZamEQ2', [gainOf(draw), draw.between(0.5, 2), draw.ratio(150, 800), gainOf(draw), draw.between(0.5, 2), draw.ratio(1200, 5000), gainOf(draw, 6), draw.ratio(60, 150), gainOf(draw, 6), draw.ratio(5000, 10_000), 0, 1])] }),
  (draw) => ({ module: 'eq', steps: [ladspa('tap_eq', 'tap_equalizer', Array.from({ length: 8 }, () => draw.between(-6, 6)))] }),
  (draw) => ({ module: 'eq', steps: [ladspa('caps', 'Eq10X2', Array.from({ length: 10 }, () => draw.between(-6, 6)))] }),
  (draw) => ({
    module: 'eq',
    steps: [
      lv2('http://calf.sourceforge.net/plugins/Equalizer5Band', {
        ls_active: 1, ls_level: linear(gainOf(draw, 6)), ls_freq: draw.ratio(60, 200), hs_active: 1, hs_level: linear(gainOf(draw, 6)), hs_freq: draw.ratio(4000, 9000),
        p1_active: 1, p1_level: linear(gainOf(draw)), p1_freq: draw.ratio(200, 500), p2_active: 1, p2_level: linear(gainOf(draw)), p2_freq: draw.ratio(700, 1500), p2_q: draw.ratio(0.6, 3),
      }),
    ],
  }),
];

const COMPRESSORS: readonly Maker[] = ['peak', 'rms'].map((detection): Maker => (draw, { rmsDb }) => {
  const [ratio, thresholdDb] = [draw.ratio(1.8, 8), rmsDb + draw.between(-8, 3)];
  return {
    module: 'dynamics',
    steps: [ffmpeg(`acompressor=threshold=${Math.max(0.000977, linear(thresholdDb)).toFixed(6)}:ratio=${ratio.toFixed(3)}:attack=${draw.ratio(1, 60).toFixed(2)}:release=${draw.ratio(40, 600).toFixed(1)}:knee=${draw.between(1, 6).toFixed(2)}:detection=${detection}:link=maximum`, `acompressor ${detection}`)],
    ratio,
    thresholdDb,
  };
});

const MORE_COMPRESSORS: readonly Maker[] = [
  (draw, { rmsDb }) => {
    const [ratio, thresholdDb] = [draw.ratio(1.8, 6), rmsDb + draw.between(-4, 6)];
    return { module: 'dynamics', ratio, thresholdDb, steps: [sox(`compand ${draw.ratio(0.003, 0.05).toFixed(4)},${draw.ratio(0.05, 0.5).toFixed(3)} ${draw.between(0.5, 6).toFixed(1)}:-120,-120,${thresholdDb.toFixed(2)},${thresholdDb.toFixed(2)},0,${(thresholdDb - thresholdDb / ratio).toFixed(2)}`)] };
  },
  (draw, { rmsDb }) => {
    const [ratio, thresholdDb] = [draw.ratio(2, 8), Math.max(-30, rmsDb + draw.between(-7, 3))];
    return { module: 'dynamics', ratio, thresholdDb, steps: [ladspa('sc4_1882', 'sc4', [draw.chance(0.5) ? 0 : draw.unit(), draw.ratio(2, 60), draw.ratio(50, 500), thresholdDb, ratio, draw.between(1, 6), 0])] };
  },
  (draw, { rmsDb }) => {
    const [ratio, thresholdDb] = [draw.ratio(2, 8), rmsDb + draw.between(-6, 4)];
    return { module: 'dynamics', ratio, thresholdDb, steps: [ladspa('ZamCompX2-ladspa', 'ZamCompX2', [draw.ratio(2, 60), draw.ratio(40, 400), draw.between(0, 6), ratio, thresholdDb, 0, 1, 1, 0])] };
  },
  (draw, { rmsDb }) => {
    const [ratio, thresholdDb] = [draw.ratio(2, 8), rmsDb + draw.between(-8, 2)];
    return { module: 'dynamics', ratio, thresholdDb, steps: [lv2('http://calf.sourceforge.net/plugins/Compressor', { threshold: Math.max(0.001, linear(thresholdDb)), ratio, attack: draw.ratio(2, 60), release: draw.ratio(50, 500), detection: 0, stereo_link: 1 })] };
  },
  (draw, { rmsDb }) => {
    const [ratio, thresholdDb] = [draw.ratio(2, 8), rmsDb + draw.between(-8, 2)];
    return { module: 'dynamics', ratio, thresholdDb, steps: [lv2('http://lsp-plug.in/plugins/lv2/compressor_stereo', { al: linear(thresholdDb), at: draw.ratio(3, 60), rt: draw.ratio(50, 400), cr: ratio, kn: linear(-draw.between(1, 9)), scm: 1 })] };
  },
];

/** Bands apart, or settings that follow the programme: more than one compressor can do. */
const MULTIBANDS: readonly Maker[] = [
  (draw, { rmsDb }) => {
    const band = () => {
      const [threshold, ratio] = [rmsDb + draw.between(-10, 0), draw.ratio(1.5, 5)];
      return `${draw.ratio(0.005, 0.05).toFixed(4)},${draw.ratio(0.08, 0.3).toFixed(3)} 6 -120/-120,${threshold.toFixed(1)}/${threshold.toFixed(1)},0/${(threshold - threshold / ratio).toFixed(1)}`;
    };
    return { module: 'dynamics', steps: [ffmpeg(`mcompand=args='${[120, 1000, 5000, 20_000].map((f) => `${band()} ${f}`).join(' | ')}'`)] };
  },
  (draw) => ({ module: 'dynamics', steps: [ffmpeg(`dynaudnorm=f=${draw.whole(150, 400)}:g=${2 * draw.whole(2, 7) + 1}:m=${draw.between(3, 8).toFixed(1)}:s=${draw.between(3, 10).toFixed(1)}`)] }),
];

const LIMITERS: readonly Maker[] = [
  (draw, { peakDb }) => {
    const ceilingDb = draw.between(-3, -0.5);
    return { module: 'limiter', steps: [ffmpeg(`volume=${(ceilingDb - peakDb + draw.between(3, 10)).toFixed(2)}dB`), ffmpeg(`alimiter=limit=${linear(ceilingDb).toFixed(5)}:attack=${draw.between(1, 8).toFixed(2)}:release=${draw.ratio(20, 200).toFixed(1)}:level=0`)] };
  },
  (draw, { peakDb }) => {
    const ceilingDb = draw.between(-3, -0.5);
    return { module: 'limiter', steps: [ladspa('fast_lookahead_limiter_1913', 'fastLookaheadLimiter', [Math.min(20, ceilingDb - peakDb + draw.between(3, 10)), ceilingDb, draw.ratio(0.02, 0.4)])] };
  },
  (draw, { peakDb }) => ({ module: 'limiter', steps: [ladspa('ZaMaximX2-ladspa', 'ZaMaximX2', [draw.ratio(5, 80), draw.between(-2, -0.5), Math.max(-30, peakDb - draw.between(3, 9))])] }),
  (draw, { peakDb }) => ({
    module: 'limiter',
    steps: [ffmpeg(`volume=${(-1 - peakDb + draw.between(3, 9)).toFixed(2)}dB`), lv2('http://lsp-plug.in/plugins/lv2/limiter_stereo', { th: linear(-1), alr: 0, boost: 0, lk: 5, at: draw.between(1, 5), rt: draw.between(2, 20) })],
  }),
];

/** Decaying noise, echoes thickening, after its own direct sound. */
function room(draw: Draw, sampleRate: number): Step {
  const rt60 = draw.ratio(0.4, 2);
  const frames = Math.round(Math.min(2.2, 1.1 * rt60) * sampleRate);
  const start = Math.round(draw.between(0.005, 0.03) * sampleRate);
  const level = linear(-draw.between(26, 36));
  let low = [0, 0];
  const rows = [0, 1].map((c) =>
    Float32Array.from({ length: frames }, (_, n) => {
      if (n === 0) return 1;
      low[c]! += 0.6 * (draw.between(-1, 1) - low[c]!);
      return n < start ? 0 : level * low[c]! * 10 ** ((-3 * (n - start)) / (rt60 * sampleRate));
    }),
  ) as [Float32Array, Float32Array];
  return { tool: 'fir', response: rows, name: 'afir' };
}

const REVERBS: readonly Maker[] = [
  (draw, { sampleRate }) => ({ module: 'reverb', steps: [room(draw, sampleRate)] }),
  (draw) => ({ module: 'reverb', steps: [ffmpeg(`aecho=1:0.8:${[1, 1.7, 2.6].map((m) => (m * draw.between(40, 90)).toFixed(1)).join('|')}:${[0.4, 0.28, 0.18].map((d) => (d * draw.between(0.7, 1.2)).toFixed(3)).join('|')}`)] }),
  (draw) => ({ module: 'reverb', steps: [sox(`reverb ${draw.between(25, 75).toFixed(0)} ${draw.between(20, 70).toFixed(0)} ${draw.between(30, 100).toFixed(0)} 100 ${draw.between(0, 20).toFixed(0)} ${draw.between(-6, 0).toFixed(1)}`)] }),
  (draw) => ({ module: 'reverb', steps: [ladspa('plate_1423', 'plate', [draw.ratio(0.6, 3), draw.between(0.1, 0.6), draw.between(0.15, 0.35)])] }),
  (draw) => ({ module: 'reverb', steps: [ladspa('tap_reverb', 'tap_reverb', [draw.ratio(600, 2500), 0, -draw.between(8, 16), 1, 1, 1, 1, draw.whole(0, 20)])] }),
  (draw) => ({ module: 'reverb', steps: [ladspa('caps', 'PlateX2', [draw.between(0.4, 0.9), draw.between(0.2, 0.6), draw.between(0.2, 0.8), draw.between(0.15, 0.35)])] }),
  (draw) => ({ module: 'reverb', steps: [lv2('http://calf.sourceforge.net/plugins/Reverb', { decay_time: draw.ratio(0.5, 2), room_size: draw.whole(0, 5), amount: draw.between(0.15, 0.5), predelay: draw.between(0, 30) })] }),
];

const WIDTHS: readonly Maker[] = [
  (draw) => {
    const width = draw.ratio(0.4, 2.2);
    return { module: 'stereo', width, steps: [ffmpeg(`extrastereo=m=${width.toFixed(5)}:c=0`)] };
  },
  (draw) => {
    const width = draw.ratio(0.4, 2.2);
    return { module: 'stereo', width, steps: [ffmpeg(`stereotools=slev=${width.toFixed(5)}`)] };
  },
];

const EXCITERS: readonly Maker[] = [
  (draw) => ({ module: 'exciter', steps: [ffmpeg(`aexciter=amount=${draw.between(1, 4).toFixed(2)}:drive=${draw.between(4, 9).toFixed(2)}:blend=${draw.between(-5, 5).toFixed(2)}:freq=${draw.ratio(2500, 8000).toFixed(0)}`)] }),
  (draw) => ({ module: 'exciter', steps: [lv2('http://calf.sourceforge.net/plugins/Exciter', { amount: draw.between(1, 4), drive: draw.between(4, 9), blend: draw.between(-5, 5), freq: draw.ratio(2500, 8000) })] }),
  (draw) => ({ module: 'exciter', steps: [ffmpeg(`crystalizer=i=${draw.between(1, 3).toFixed(2)}:c=0`)] }),
];

const SATURATORS: readonly Maker[] = [
  (draw, { peakDb }) => ({ module: 'exciter', steps: [ffmpeg(`volume=${(-peakDb - draw.between(0, 6)).toFixed(2)}dB`), ffmpeg(`asoftclip=type=${draw.pick(['tanh', 'atan', 'cubic', 'sin'])}:oversample=4`)] }),
  (draw, { peakDb }) => ({ module: 'exciter', steps: [sox(`overdrive ${Math.max(1, -peakDb + draw.between(-2, 6)).toFixed(1)} ${draw.between(5, 40).toFixed(0)}`)] }),
  (draw) => ({ module: 'exciter', steps: [ladspa('tap_tubewarmth', 'tap_tubewarmth', [draw.between(2, 9), draw.between(-8, 8)])] }),
  (draw) => ({ module: 'exciter', steps: [ladspa('valve_1209', 'valve', [draw.between(0.2, 0.8), draw.between(0.1, 0.7)])] }),
  (draw) => ({ module: 'exciter', steps: [lv2('http://calf.sourceforge.net/plugins/Saturator', { drive: draw.between(2, 7), blend: draw.between(-5, 10), mix: 1 })] }),
];

const PITCHES: readonly Maker[] = [
  (draw) => {
    const cents = draw.sign() * draw.between(30, 290);
    return { module: 'pitch', cents, steps: [ffmpeg(`rubberband=pitch=${(2 ** (cents / 1200)).toFixed(7)}:formant=${draw.pick(['shifted', 'preserved'])}`)] };
  },
  (draw) => {
    const cents = draw.sign() * draw.between(30, 290);
    return { module: 'pitch', cents, steps: [sox(`pitch ${cents.toFixed(3)}`)] };
  },
];

const CODECS: readonly Step[] = [
  { tool: 'codec', encoder: 'libmp3lame', bitrate: '192k', container: 'mp3', name: 'libmp3lame' },
  { tool: 'codec', encoder: 'libopus', bitrate: '96k', container: 'ogg', name: 'libopus' },
  { tool: 'codec', encoder: 'libvorbis', bitrate: '128k', container: 'ogg', name: 'libvorbis' },
  { tool: 'codec', encoder: 'aac', bitrate: '160k', container: 'm4a', name: 'aac' },
];

export const equalizerPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, EQUALIZERS);
export const compressorPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, [...COMPRESSORS, ...MORE_COMPRESSORS]);
export const multibandPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, MULTIBANDS);
export const limiterPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, LIMITERS);
export const reverbPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, REVERBS);
export const widthPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, WIDTHS);
export const exciterPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, EXCITERS);
export const saturatorPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, SATURATORS);
export const pitchPart = (draw: Draw, levels: Levels): Part => installed(draw, levels, PITCHES);
export function codecStep(draw: Draw): Step {
  const here = CODECS.filter(isInstalled);
  if (here.length === 0) throw new Error('None of these codecs is installed.');
  return draw.pick(here);
}
