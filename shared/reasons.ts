/**
 * Why a module of a style has its values: code -> plain English sentence. Closed table; the screen translates the code.
 * Codes are `<module>/<what>`.
 */
export const REASONS = {
  'module/by-hand': 'Set by hand.',
  'module/default': 'Not part of the estimate.',
  'module/neutral': 'Nothing to change: both recordings agree here.',
  'module/not-identifiable': 'This material does not show it clearly enough, so it is left alone.',
  'module/off': 'Switched off.',
  'eq/transfer-function': 'From the transfer function between the two recordings: {bands} bands, {errorDb} dB left over.',
  'stereo/side-over-mid': 'The side was raised by {db} dB more than the middle.',
  'dynamics/gain-trace': 'From the gain over time: {ratio}:1 above {thresholdDb} dB, within {errorDb} dB.',
  'limiter/gain-trace': 'Peaks were limited after {gainDb} dB of gain; the gain over time is met within {errorDb} dB.',
  'limiter/ceiling-only': 'No limiter shows; this one only keeps peaks under {tpDb} dBTP.',
  'exciter/nearer': 'Harmonics above {fHz} Hz, {amount} of the band: the result comes {percent} % nearer than any filter brings it.',
  'module/no-nearer': 'Found, but the result came no nearer with it, so it is left out.',
  'pitch/paired': 'The reference lies {cents} cents from the recording.',
  'reverb/deconvolution': 'A reverb of {rt60Seconds} s, {wetDb} dB under the direct sound, after {preDelayMs} ms.',
  'eq/spectral-style': 'The broad spectral shape of the reference with {bands} bands, most {gainDb} dB at {hz} Hz; the music itself differs by {contentDb} dB.',
  'stereo/side-energy': 'The side has {db} dB more energy against the middle in the reference.',
  'dynamics/bands': 'From the gain over time in {bands} bands that move apart: {percent} % nearer.',
  'dynamics/level-spread': 'Levels in the reference spread {spread} times as far: {ratio}:1 above {thresholdDb} dB.',
  'dynamics/no-nearer': 'No compressor or expander brings the levels nearer to the reference.',
  'exciter/bandwidth': 'The recording ends at {fromHz} Hz, the reference at {toHz} Hz: harmonics are added.',
  'reverb/free-decays': 'Sounds in the reference die away over {rt60Seconds} s, in the recording over {ownSeconds} s.',
  'pitch/median': 'The median pitch of the reference is {cents} cents away.',
  'matchFir/residual': 'What the bands leave over, {db} dB on average, as a filter of {taps} taps.',
  'pitch/alignment': 'The two agree when the pitch is moved by {cents} cents.',
  'exciter/harmonics': 'Harmonics above {hz} Hz bring the spectrum {percent} % nearer.',
  'limiter/reference-peaks': 'Keeps peaks under {tpDb} dBTP, near where those of the reference end.',
  'limiter/ceiling': 'Keeps true peaks under {tpDb} dBTP.',
  'lufs/under-ceiling': 'The reference has {lufs} LUFS; {quieterDb} dB less, because under {tpDb} dBTP limiting would take it further from its sound than doing nothing.',
  'lufs/reference': 'The loudness of the reference, {lufs} LUFS.',
} as const satisfies Record<string, string>;

export type ReasonCode = keyof typeof REASONS;
export interface Reason {
  readonly code: ReasonCode;
  readonly args: Readonly<Record<string, number | string>>;
}
