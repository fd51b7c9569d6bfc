/** What is wrong with a sample, and what helps: one table. */
import { SPEECH_LIMITS } from '../../../shared/api/speech.ts';
import type { SampleChoices, SampleIssue, SampleMeasures } from './contract.ts';

/** LUFS. Under it a microphone's own noise comes up with the voice when it is made louder. */
const QUIET_LUFS = -32;
/** dB between speech and pauses; with less a clone learns the room's noise. */
const NOISY_DB = 20;
/** Single full-scale samples are not heard. */
const CLIPPED_SAMPLES = 8;
/** s of slack that a clock and a header are allowed. */
const SLACK_SECONDS = 0.01;

type Rule = (measures: SampleMeasures, choices: Pick<SampleChoices, 'isNormalised' | 'isDenoised'>) => Omit<SampleIssue, 'code'> | null;

const { least, most } = SPEECH_LIMITS.sampleSeconds;

const RULES: Readonly<Record<SampleIssue['code'], Rule>> = {
  silent: ({ integratedLufs, speechSeconds }) => (integratedLufs === null || speechSeconds < 1 ? { isBlocking: true, fix: 'record-again', args: {} } : null),
  'too-short': ({ seconds }) => (seconds < least - SLACK_SECONDS ? { isBlocking: true, fix: 'record-again', args: { seconds, least } } : null),
  'too-long': ({ seconds }) => (seconds > most + SLACK_SECONDS ? { isBlocking: true, fix: 'trim', args: { seconds, most } } : null),
  'too-large': ({ bytes }) => (bytes > SPEECH_LIMITS.sampleBytes ? { isBlocking: true, fix: 'trim', args: { megabytes: bytes / 1e6, most: SPEECH_LIMITS.sampleBytes / 1e6 } } : null),
  clipped: ({ clippedSamples }) => (clippedSamples > CLIPPED_SAMPLES ? { isBlocking: false, fix: 'record-again', args: { count: clippedSamples } } : null),
  noisy: ({ signalToNoiseDb }, { isDenoised }) => (!isDenoised && signalToNoiseDb !== null && signalToNoiseDb < NOISY_DB ? { isBlocking: false, fix: 'denoise', args: { decibels: signalToNoiseDb } } : null),
  'too-quiet': ({ integratedLufs }, { isNormalised }) => (!isNormalised && integratedLufs !== null && integratedLufs < QUIET_LUFS ? { isBlocking: false, fix: 'normalise', args: { lufs: integratedLufs } } : null),
  // Mended always: said, so that nobody wonders.
  stereo: ({ channels }) => (channels === 2 ? { isBlocking: false, fix: 'mono', args: {} } : null),
};

/** Worst first. A silent sample is nothing else besides. */
export function sampleIssues(measures: SampleMeasures, choices: Pick<SampleChoices, 'isNormalised' | 'isDenoised'>): SampleIssue[] {
  const issues = (Object.keys(RULES) as SampleIssue['code'][]).flatMap((code) => {
    const found = RULES[code](measures, choices);
    return found ? [{ code, ...found }] : [];
  });
  return issues[0]?.code === 'silent' ? issues.slice(0, 1) : issues;
}
