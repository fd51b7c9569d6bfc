import { featuresToDocument } from '../../../shared/features-document.ts';
import type { Features } from '../../../shared/features.ts';
import type { Command } from '../command.ts';
import { analyzeAll } from '../measure.ts';

const fixed = (value: number | null, unit: string, digits = 1): string => (value === null ? 'not measurable' : `${value.toFixed(digits)} ${unit}`);

function summary(name: string, features: Features): string {
  const { loudness, sampleRate, frames, channels, reverb, f0 } = features;
  const rows: [string, string][] = [
    ['Length', `${(frames / sampleRate).toFixed(2)} s, ${sampleRate} Hz, ${channels === 1 ? 'mono' : 'stereo'}`],
    ['Loudness', fixed(loudness.integratedLufs, 'LUFS')],
    ['Loudness range', fixed(loudness.lraLu, 'LU')],
    ['True peak', fixed(features.truePeakDbtp, 'dBTP')],
    ['Peak to loudness', fixed(features.plrDb, 'dB')],
    ['Bandwidth', fixed(features.bandwidthHz, 'Hz', 0)],
    ['Correlation', features.stereo.correlation.toFixed(2)],
    ['Reverberation', fixed(reverb.rt60Seconds, 's', 2)],
    ['Noise floor', fixed(features.noiseFloorDb, 'dB')],
    ['Clipped samples', String(features.clippedSamples)],
    ...(f0 ? ([['Pitch', fixed(f0.medianHz, 'Hz')]] as [string, string][]) : []),
  ];
  return `${name}\n${rows.map(([label, value]) => `  ${label.padEnd(17)} ${value}`).join('\n')}\n`;
}

export const analyzeCommand: Command = {
  name: 'analyze',
  summary: 'Measure a recording.',
  positional: { name: 'FILE', help: 'recording to measure, - for standard input' },
  options: {
    json: { help: 'everything, as JSON, the pitch track included' },
    f0: { help: 'the pitch of a voice or solo instrument in the summary too' },
  },
  async run(values, workplace) {
    const place = await workplace.recording(values.positional);
    const [features] = await analyzeAll([place], values.has('json') || values.has('f0'), workplace);
    workplace.progress.clear();
    await workplace.print(values.has('json') ? `${JSON.stringify(featuresToDocument(features!), null, 2)}\n` : summary(place.name, features!));
  },
};
