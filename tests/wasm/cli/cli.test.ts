/** The command line as a person types it: in this process, and once as the real program. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { featuresSchema } from '../../../shared/features-document.ts';
import { styleParamsSchema } from '../../../shared/style-params.ts';
import { runCli } from '../../../wasm/cli/run.ts';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { openWav } from '../../../wasm/formats/wav-reader.ts';
import { type BitDepth, createWavWriter } from '../../../wasm/formats/wav-writer.ts';
import { difference } from '../../support/samples.ts';
import { musicLike, pinkNoise } from '../../support/signals.ts';
import { journalOf, segmentFacts } from '../../support/take-journal.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const RATE = 44_100;
const folder = mkdtempSync(join(tmpdir(), 'tonetwin-test-'));
const at = (name: string): string => join(folder, name);

async function wavBytes(rows: readonly Float32Array[], sampleRate = RATE, bitDepth: BitDepth = '32f'): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const writer = await createWavWriter({ write: async (bytes) => void pieces.push(bytes) }, { sampleRate, channels: rows.length as 1 | 2, bitDepth, frames: rows[0]!.length });
  await writer.write(rows);
  await writer.finish();
  return Buffer.concat(pieces);
}

const readWav = async (bytes: Uint8Array) => {
  const pcm = await openWav(byteSourceFromArray(Uint8Array.from(bytes)));
  return { pcm, rows: await pcm.read(0, pcm.frames) };
};

interface Ran {
  readonly status: number;
  readonly out: Buffer;
  readonly err: string;
}

async function run(words: readonly string[], input: Uint8Array = new Uint8Array(0)): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  stdout.on('data', (piece: Buffer) => out.push(piece));
  stderr.on('data', (piece: Buffer) => err.push(piece));
  const status = await runCli(words, { stdin: Readable.from([Buffer.from(input)]), stdout, stderr }, new AbortController().signal);
  await new Promise((resolve) => setTimeout(resolve, 10));
  return { status, out: Buffer.concat(out), err: Buffer.concat(err).toString() };
}

const PRESET = {
  version: 1,
  eq: [{ type: 'low_shelf', f_hz: 120, q: 0.7, gain_db: 4 }, { type: 'peak', f_hz: 2500, q: 1, gain_db: -4 }],
  lufs: { target_db: -20 },
  limiter: { tp_db: -1 },
};

beforeAll(async () => {
  const [left, right] = musicLike(6, RATE, 1);
  writeFileSync(at('target.wav'), await wavBytes([left, right], RATE, '24'));
  // Brighter and louder: another piece through a tilt.
  const [a, b] = musicLike(6, RATE, 2).map((row) => row.map((x, i) => 0.9 * (x - 0.6 * (row[i - 1] ?? 0)))) as [Float32Array, Float32Array];
  writeFileSync(at('reference.wav'), await wavBytes([a, b], RATE, '24'));
  writeFileSync(at('preset.json'), JSON.stringify(PRESET));
});

afterAll(() => rmSync(folder, { recursive: true }));

test('analyze prints a summary, and with --json the features document', async () => {
  const summary = await run(['analyze', at('target.wav')]);
  expect(summary.status).toBe(0);
  expect(summary.out.toString()).toMatch(/Loudness +-\d+\.\d LUFS/);
  const json = await run(['analyze', at('target.wav'), '--json']);
  expect(featuresSchema.parse(JSON.parse(json.out.toString()))).toMatchObject({ sample_rate_hz: RATE, channels: 2, frames: 6 * RATE });
});

test('match writes a result, a preset that can be applied again, and a report of what it measured', async () => {
  const matched = await run(['match', '--reference', at('reference.wav'), '--target', at('target.wav'), '--out', at('out.wav'), '--preset', at('found.json'), '--report', at('report.json'), '--bit-depth', '32f']);
  expect([matched.status, matched.err]).toEqual([0, '']);
  const report = JSON.parse(readFileSync(at('report.json'), 'utf8'));
  expect(Math.abs(report.metrics.lufs_err)).toBeLessThan(0.1);
  expect(report.metrics.tp_db).toBeLessThanOrEqual(-1);
  expect(report.metrics.ltas_error_db).toBeLessThan(report.metrics.ltas_error_before_db);
  expect(report.result.frames).toBe(6 * RATE);
  styleParamsSchema.parse(JSON.parse(readFileSync(at('found.json'), 'utf8')));

  await run(['render', '--preset', at('found.json'), '--target', at('target.wav'), '--out', at('again.wav'), '--bit-depth', '32f']);
  const [first, again] = [await readWav(readFileSync(at('out.wav'))), await readWav(readFileSync(at('again.wav')))];
  expect(difference(first.rows[0]!, again.rows[0]!).first).toBe(-1);
});

test('a recording comes from standard input and a result goes to standard output', async () => {
  const ran = await run(['render', '--preset', at('preset.json'), '--target', '-', '--out', '-', '--bit-depth', '16'], readFileSync(at('target.wav')));
  expect([ran.status, ran.err]).toEqual([0, '']);
  const { pcm } = await readWav(ran.out);
  expect(pcm).toMatchObject({ frames: 6 * RATE, channels: 2, sampleRate: RATE });
});

test('intensity 0 leaves the samples as they are', async () => {
  await run(['render', '--preset', at('preset.json'), '--target', at('target.wav'), '--out', at('same.wav'), '--intensity', '0', '--bit-depth', '24']);
  const [same, target] = [await readWav(readFileSync(at('same.wav'))), await readWav(readFileSync(at('target.wav')))];
  expect(difference(same.rows[0]!, target.rows[0]!).first).toBe(-1);
});

test('export writes another format and says what it left out', async () => {
  const ran = await run(['export', '--preset', at('preset.json'), '--format', 'equalizer-apo', '--out', '-']);
  expect(ran.out.toString()).toContain('Filter 2: ON PK Fc 2500.0 Hz Gain -4.00 dB Q 1.000');
  expect(ran.err).toBe('The loudness target is not in this file.\nThe limiter is not in this file.\n');
  expect((await run(['export', '--preset', at('preset.json'), '--format', 'vstpreset', '--out', at('p.vstpreset')])).status).toBe(0);
  expect(readFileSync(at('p.vstpreset')).subarray(0, 4).toString()).toBe('VST3');
});

test.each([
  ['an empty file', async () => new Uint8Array(0), 'The file is empty'],
  ['a text file', async () => Buffer.from('This is not audio at all, it is prose.'), 'This is not an audio file we can read'],
  ['an MP3', async () => Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(100)]), 'This kind of audio (MP3) cannot be read here'],
  ['silence', async () => wavBytes([new Float32Array(2 * RATE)]), 'The recording is silent'],
  ['0.1 s', async () => wavBytes([pinkNoise(RATE / 10, 1)]), 'The recording is 0.1 s long'],
  ['a constant', async () => wavBytes([new Float32Array(2 * RATE).fill(0.3)]), 'The recording holds only a constant offset'],
  ['samples that are not numbers', async () => wavBytes([new Float32Array(2 * RATE).fill(NaN)]), 'Too many samples in the file are not numbers'],
])('%s is refused with one sentence and exit status 1, and nothing is written', async (_, bytes, sentence) => {
  writeFileSync(at('bad.wav'), await bytes());
  const ran = await run(['match', '--reference', at('bad.wav'), '--target', at('target.wav'), '--out', at('never.wav')]);
  expect(ran.status).toBe(1);
  expect(ran.err).toContain(sentence);
  expect(ran.err.trim().split('\n')).toHaveLength(1);
  expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual([]);
});

test('a truncated file is used with a warning', async () => {
  const whole = readFileSync(at('target.wav'));
  writeFileSync(at('cut.wav'), whole.subarray(0, Math.round(whole.length / 2)));
  const ran = await run(['render', '--preset', at('preset.json'), '--target', at('cut.wav'), '--out', at('cut-out.wav')]);
  expect(ran.status).toBe(0);
  expect(ran.err).toMatch(/cut\.wav: The file ends early; 3 s could be read and are used\.\n$/);
});

test("the recorder's journal is read like a WAV file, torn or not", async () => {
  const rows = musicLike(2, RATE, 3);
  const { bytes } = await journalOf(async (journal) => {
    await journal.segment(segmentFacts({ channels: 2, sampleRate: RATE }));
    for (let at4096 = 0; at4096 < 2 * RATE; at4096 += 4096) await journal.audio(0, at4096, rows.map((row) => row.subarray(at4096, at4096 + 4096)), 0);
  });
  writeFileSync(at('take.twj'), bytes.subarray(0, bytes.length - 5));
  const json = await run(['analyze', at('take.twj'), '--json']);
  // The last block is torn.
  expect(featuresSchema.parse(JSON.parse(json.out.toString()))).toMatchObject({ sample_rate_hz: RATE, channels: 2, frames: Math.floor((2 * RATE) / 4096) * 4096 });
});

test('a wrong command line is exit status 2; a missing file and a broken preset are 1', async () => {
  expect(await run(['match', '--reference', 'x'])).toMatchObject({ status: 2 });
  expect(await run(['play'])).toMatchObject({ status: 2, err: 'There is no command play. Try --help.\n' });
  expect(await run(['analyze', at('nowhere.wav')])).toMatchObject({ status: 1, err: `The file ${at('nowhere.wav')} cannot be opened: there is no such file.\n` });
  writeFileSync(at('broken.json'), '{"version":1,"eq":[{"type":"peak","f_hz":-3}]}');
  const broken = await run(['export', '--preset', at('broken.json'), '--format', 'json', '--out', '-']);
  expect(broken.status).toBe(1);
  expect(broken.err).toContain('This is not a Tonetwin preset, or it is damaged (eq.0.f_hz');
});

test('a place that cannot be written is named, and no temporary file stays behind', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tonetwin-'));
  const ran = await run(['render', '--preset', at('preset.json'), '--target', at('target.wav'), '--out', at('no/such/folder/o.wav')]);
  expect(ran).toMatchObject({ status: 1, err: `The file ${at('no/such/folder/o.wav')} cannot be opened: its folder does not exist.\n` });
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tonetwin-') && !before.includes(name))).toEqual([]);
});

test('help is printed for the program and for each command', async () => {
  expect((await run(['--help'])).out.toString()).toContain('match ');
  for (const command of ['analyze', 'match', 'render', 'export']) {
    const help = await run([command, '--help']);
    expect([help.status, help.err]).toEqual([0, '']);
    expect(help.out.toString()).toContain(`tonetwin -- ${command}`);
  }
});

test('the program itself runs, spawned as npm runs it', async () => {
  const ran = await new Promise<Ran>((resolve) => {
    execFile(process.execPath, [join(ROOT, 'wasm/cli/start.mjs'), 'analyze', at('target.wav')], { encoding: 'buffer' }, (error, out, err) =>
      resolve({ status: error ? Number(error.code) : 0, out, err: err.toString() }),
    );
  });
  expect([ran.status, ran.err]).toEqual([0, '']);
  expect(ran.out.toString()).toContain('LUFS');
});
