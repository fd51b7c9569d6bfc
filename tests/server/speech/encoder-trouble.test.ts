import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encoderTrouble } from '../../../server/speech/encoder-trouble.ts';
import { AppError } from '../../../shared/errors.ts';
import { readSpeakerEncoderManifest, versionOf } from '../../../shared/speaker-encoder-manifest.ts';
import { noiseBytes } from '../../support/noise-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'tonetwin-models-'));
afterAll(() => rmSync(folder, { recursive: true }));
const model = noiseBytes(3000, 1);
writeFileSync(join(folder, 'voices.onnx'), model);
const sha256 = createHash('sha256').update(model).digest('hex');
const features = { kind: 'log-mel', bands: 80 };
const good = {
  format: 1, kind: 'speaker-encoder', name: 'voices', licence: 'CC0-1.0', model: { url: 'voices.onnx', bytes: 3000, sha256 },
  input: { name: 'feats', rate_hz: 16_000, features }, output: { name: 'embs', dimensions: 256 },
};

const troubleOf = (manifest: unknown) => {
  writeFileSync(join(folder, 'voices.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return encoderTrouble('/models/voices.json', folder);
};

test('with a manifest and its model there is none, nor is there where they lie elsewhere', async () => {
  expect(await troubleOf(good)).toBeNull();
  expect(await encoderTrouble(null, folder)).toBeNull();
  expect(await encoderTrouble('https://models.example/voices.json', folder)).toBeNull();
});

test.each([
  ['another size', { ...good, model: { ...good.model, bytes: 2999 } }, 'voices.onnx has 3000 bytes, not the 2999 of its manifest.'],
  ['another hash', { ...good, model: { ...good.model, sha256: '0'.repeat(64) } }, 'voices.onnx has another SHA-256 than its manifest says.'],
  ['no model', { ...good, model: { ...good.model, url: 'gone.onnx' } }, 'voices.json names a model that is not beside it (gone.onnx).'],
  ['a model in another folder', { ...good, model: { ...good.model, url: '../voices.onnx' } }, 'voices.json names a model that is not beside it (../voices.onnx).'],
  ['a model of another host', { ...good, model: { ...good.model, url: 'https://models.example/voices.onnx' } }, 'model.url: it is on another origin than the manifest'],
  ['no JSON', '{', 'voices.json is not JSON ('],
  ['what it does not know', { ...good, input: { ...good.input, features: { ...features, hop: 10 } } }, 'input.features: Unrecognized key: "hop"'],
  ['bands over half the rate', { ...good, input: { ...good.input, features: { ...features, high_hz: 8001 } } }, 'input.features.high_hz: it is over half the rate'],
  ['bands the wrong way round', { ...good, input: { ...good.input, features: { ...features, low_hz: 900, high_hz: 900 } } }, 'input.features.high_hz: it is not over low_hz'],
])('%s is said in a sentence', async (_name, manifest, sentence) => {
  expect(await troubleOf(manifest)).toContain(sentence);
});

test('a manifest that is not there is said with its place', async () => {
  expect(await encoderTrouble('/models/none.json', folder)).toBe(`${join(folder, 'none.json')} cannot be read (ENOENT).`);
});

test('one file that is fed in two ways makes prints of two versions, which are not compared', () => {
  const version = (changes: object) => versionOf(readSpeakerEncoderManifest({ ...good, input: { ...good.input, features: { ...features, ...changes } } }));
  // What is left out is what it is by default.
  expect(version({ hop_ms: 10 })).toBe(version({}));
  expect(new Set([version({}), version({ hop_ms: 12 }), version({ window: 'povey' })]).size).toBe(3);
  const longest = versionOf(readSpeakerEncoderManifest({ ...good, name: 'n'.repeat(32) }));
  expect(longest).toMatch(/^[\w.:-]{1,60}$/);
  expect(() => readSpeakerEncoderManifest({ ...good, name: 'n'.repeat(33) })).toThrow(AppError);
});
