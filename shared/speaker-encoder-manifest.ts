/** What an operator says of a speaker encoder to be used in place of the engine's own: an ONNX network, what it takes, what it gives. */
import { z } from 'zod';
import { EMBEDDING_DIMENSIONS } from './api/embeddings.ts';
import { AppError } from './errors.ts';

/** Rows of logarithms of mel bands, as Kaldi's compute-fbank-feats makes them; most published encoders are trained on these. */
const filterBank = z.strictObject({
  kind: z.literal('log-mel'),
  bands: z.int().min(8).max(128),
  /** ms */
  window_ms: z.number().min(5).max(64).default(25),
  hop_ms: z.number().min(2).max(32).default(10),
  window: z.enum(['hamming', 'hann', 'povey']).default('hamming'),
  /** Hz; `high_hz` 0: half the rate. */
  low_hz: z.number().min(0).max(1000).default(20),
  high_hz: z.number().min(0).max(24_000).default(0),
  pre_emphasis: z.number().min(0).max(0.999).default(0.97),
  /** What full scale is to the network: 32768 for one trained on 16-bit values. */
  full_scale: z.number().positive().default(32_768),
  /** utterance: every band's mean over the recording is taken off. */
  mean: z.enum(['utterance', 'none']).default('utterance'),
});

export const speakerEncoderManifest = z.strictObject({
  format: z.literal(1),
  kind: z.literal('speaker-encoder'),
  name: z.string().regex(/^[\w.-]{1,32}$/, 'it is 1 to 32 letters, digits, dots, dashes'),
  licence: z.string().min(1).max(100),
  /** Where it comes from, for who reads the manifest. */
  source: z.string().max(500).default(''),
  model: z.strictObject({
    /** From the manifest's own address; on the same origin. */
    url: z.string().min(1).max(500),
    bytes: z.int().min(1).max(512 * 1024 * 1024),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  input: z.strictObject({
    name: z.string().min(1).max(100),
    rate_hz: z.literal([8000, 16_000]),
    /** waveform: the samples themselves, [1, frames]; log-mel: [1, rows, bands]. */
    features: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('waveform') }), filterBank]),
  }),
  output: z.strictObject({ name: z.string().min(1).max(100), dimensions: z.literal(EMBEDDING_DIMENSIONS, `only encoders of ${EMBEDDING_DIMENSIONS} dimensions are compared here`) }),
}).superRefine(({ input: { rate_hz: rateHz, features } }, context) => {
  if (features.kind !== 'log-mel') return;
  const high = features.high_hz === 0 ? rateHz / 2 : features.high_hz;
  const wrong = high > rateHz / 2 ? 'it is over half the rate' : features.low_hz >= high ? 'it is not over low_hz' : null;
  if (wrong !== null) context.addIssue({ code: 'custom', path: ['input', 'features', 'high_hz'], message: wrong });
});

export type SpeakerEncoderManifest = z.output<typeof speakerEncoderManifest>;
export type FilterBankSettings = z.output<typeof filterBank>;

/** @throws AppError 'encoder/manifest' naming the first thing that is wrong */
export function readSpeakerEncoderManifest(json: unknown): SpeakerEncoderManifest {
  const parsed = speakerEncoderManifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('encoder/manifest', { detail: `${issue?.path.join('.') || 'manifest'}: ${issue?.message ?? 'not understood'}` });
}

/** FNV-1a with 32 bits (G. Fowler, L. C. Noll, K.-P. Vo), of the text's UTF-16 units; eight hexadecimal digits. */
function fnv(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Of its vectors: two files never share one, whatever they are called, nor does one file that is fed in two ways. */
export const versionOf = ({ name, model, input, output }: SpeakerEncoderManifest): string => `onnx:${name}:${model.sha256.slice(0, 12)}:${fnv(JSON.stringify([input, output]))}`;

/**
 * Where the model lies.
 * @param manifestUrl absolute
 * @throws AppError 'encoder/manifest' where that is another origin: the page may reach only the manifest's
 */
export function modelAddress({ model }: SpeakerEncoderManifest, manifestUrl: string): string {
  const url = new URL(model.url, manifestUrl);
  if (url.origin !== new URL(manifestUrl).origin) throw new AppError('encoder/manifest', { detail: 'model.url: it is on another origin than the manifest' });
  return url.href;
}
