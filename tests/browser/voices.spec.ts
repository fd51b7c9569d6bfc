import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Download, expect, type Page, test } from '@playwright/test';
import { en } from '../../web/i18n/en.ts';
import { meanModel } from '../support/onnx-model.ts';
import { formantSpeech } from '../support/formant-speech.ts';
import { WITH_MICROPHONE } from './microphone.ts';
import { button, musicFile, place, wavFile } from './takes.ts';

/** Somebody who speaks into the microphone, again and again. */
const MICROPHONE = fileURLToPath(new URL('../out/speaking.wav', import.meta.url));
mkdirSync(fileURLToPath(new URL('../out', import.meta.url)), { recursive: true });
const spoken = (name: string, f0Hz: number, seed: number) => wavFile(name, [formantSpeech({ f0Hz, tract: f0Hz > 150 ? 1.17 : 1 }, 8, 44_100, seed)], 44_100);
writeFileSync(MICROPHONE, spoken('speaking.wav', 210, 3).buffer);

const { launchOptions, ...microphone } = WITH_MICROPHONE;
test.use({ ...microphone, launchOptions: { ...launchOptions, args: [...launchOptions.args, `--use-file-for-fake-audio-capture=${MICROPHONE}`] } });

const bytesOf = async (download: Download): Promise<Buffer> => readFileSync((await download.path())!);
const downloaded = async (page: Page, press: () => Promise<void>): Promise<Download> => (await Promise.all([page.waitForEvent('download'), press()]))[0];

async function fillIn(page: Page, name: string): Promise<void> {
  await page.getByLabel(en['voices.name'], { exact: true }).fill(name);
  await page.getByLabel(en['new.consent']).check();
}

test('from a microphone to a voice, to a sentence in it, to that sentence in the sound of a record', async ({ page }) => {
  await page.goto('/voices/new');
  await expect(page.getByText(en['voices.emulator'])).toBeVisible();
  await button(page, en['sample.record']).click();
  await expect.poll(async () => Number.parseInt(await page.getByRole('timer').innerText(), 10), { intervals: [200] }).toBeGreaterThanOrEqual(6);
  await button(page, en['sample.stop']).click();
  await expect(page.getByText(en['sample.good'])).toBeVisible();
  await fillIn(page, 'Ada');
  await button(page, en['new.makeNow']).click();
  await expect(page.getByText(en['creation.finished'])).toBeVisible();

  await page.getByRole('link', { name: en['creation.open'] }).click();
  await button(page, 'Play Ada').click();
  await expect(button(page, 'Pause Ada')).toBeVisible();
  await expect(page.getByRole('slider', { name: 'Position in Ada' })).toBeVisible();

  await page.getByRole('link', { name: en['voices.speakWith'] }).click();
  await expect(page.getByRole('button', { name: /^Voice Ada/ })).toBeVisible();
  await page.getByLabel(en['speak.text']).fill('This is what I sound like.');
  await page.getByLabel(en['speak.text']).press('Control+Enter');
  // Heard while it comes, and kept.
  await expect(button(page, en['speak.pause'])).toBeVisible();
  const said = page.locator('.speech');
  await expect(said).toContainText('This is what I sound like.');
  await expect(said).toContainText(en['voices.emulated']);
  await expect(page.locator('.speech-live')).toHaveCount(0);
  const file = await downloaded(page, () => button(page, en['speak.download']).click());
  expect(file.suggestedFilename()).toBe('Ada - This is what I sound like..wav');
  const wav = await bytesOf(file);
  expect([wav.toString('latin1', 0, 4), wav.readUInt32LE(24)]).toEqual(['RIFF', 24_000]);
  expect((wav.length - 44) / 48_000).toBeGreaterThan(1);

  await button(page, en['speak.match']).click();
  await expect(place(page, 1)).toContainText('Ada - This is what I sound like.');
  await page.getByLabel('Reference', { exact: true }).setInputFiles(musicFile('record.wav', 3, 1));
  await button(page, 'Match').click();
  const result = await downloaded(page, () => button(page, 'Download WAV').click({ timeout: 60_000 }));
  expect((await bytesOf(result)).length).toBeGreaterThan(wav.length);
});

test('a long text is spoken in parts and is one file; it can be stopped, and is gone when it is deleted', async ({ page }) => {
  await page.goto('/speak');
  const text = page.getByLabel(en['speak.text']);
  await text.fill('');
  await button(page, en['speak.now']).click();
  await expect(page.getByRole('alert')).toHaveText(en['speak.missing.text']);
  await expect(text).toBeFocused();
  await text.fill('One sentence follows the other, and none of them is long. '.repeat(18));
  await expect(page.locator('.speak-facts')).toContainText('2 parts');
  await button(page, en['speak.now']).click();
  await button(page, en['speak.cancel']).click();
  await expect(page.locator('.speech-live')).toHaveCount(0);
  await expect(button(page, en['speak.now'])).toBeVisible();

  // As fast as the voice can, for those who wait for it.
  await page.getByRole('slider', { name: en['speak.speed'] }).press('End');
  await button(page, en['speak.now']).click();
  await expect(page.locator('.speech')).toContainText(en['speak.here'], { timeout: 30_000 });
  await button(page, en['speak.hush']).click();
  await expect(page.locator('.speech')).toHaveCount(1);
  const wav = await bytesOf(await downloaded(page, () => button(page, en['speak.download']).click()));
  const seconds = (wav.length - 44) / 48_000;
  expect(wav.readUInt32LE(40)).toBe(wav.length - 44);
  expect(seconds).toBeGreaterThan(15);
  await button(page, en['speak.delete']).click();
  await button(page, en['speak.delete']).click();
  await expect(page.getByText(en['speak.none'])).toBeVisible();
  await page.reload();
  await expect(page.getByText(en['speak.none'])).toBeVisible();
  await expect(text).toHaveValue(/^One sentence follows/);
});

test('where the server names a speaker encoder it is fetched, checked and run on the device; where the policy does not let it be, the engine makes the print and the page says so', async ({ page, context }) => {
  const model = meanModel(80, 256);
  const sha256 = createHash('sha256').update(model).digest('hex');
  let address = '/models/encoder.json';
  await context.route('**/api/speech/models', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { data: object };
    await route.fulfill({ response: answer, json: { ...body, data: { ...body.data, speaker_encoder: address } } });
  });
  await context.route('**/models/encoder.json', (route) => route.fulfill({ json: {
    format: 1, kind: 'speaker-encoder', name: 'mean-80', licence: 'CC0-1.0', model: { url: 'encoder.onnx', bytes: model.length, sha256 },
    input: { name: 'feats', rate_hz: 16_000, features: { kind: 'log-mel', bands: 80 } }, output: { name: 'embs', dimensions: 256 },
  } }));
  await context.route('**/models/encoder.onnx', (route) => route.fulfill({ body: Buffer.from(model), contentType: 'application/octet-stream' }));
  const stored = page.waitForRequest('**/api/embeddings/generate');
  await page.goto('/voices/new');
  await page.getByLabel(en['sample.file'], { exact: true }).setInputFiles(spoken('sister.wav', 190, 7));
  await expect(page.getByText(en['sample.good'])).toBeVisible();
  await fillIn(page, 'Sister');
  await button(page, en['new.makeNow']).click();
  expect(((await stored).postDataJSON() as { version: string }).version).toContain(`onnx:mean-80:${sha256.slice(0, 12)}:`);
  await expect(page.getByText(en['creation.finished'])).toBeVisible();

  // Another origin, which this server does not allow: the worker is fetched anew, with the policy of now.
  address = 'https://models.example/encoder.json';
  await page.goto('/voices/new');
  await page.getByLabel(en['sample.file'], { exact: true }).setInputFiles(spoken('brother.wav', 115, 8));
  await expect(page.getByText(en['sample.good'])).toBeVisible();
  await fillIn(page, 'Brother');
  const [, print] = await Promise.all([page.waitForRequest(/\/assets\/worker-[\w-]+\.js\?reaches=https%3A%2F%2Fmodels\.example$/), page.waitForRequest('**/api/embeddings/generate'), button(page, en['new.makeNow']).click()]);
  expect(print.postDataJSON()).toMatchObject({ version: 'tonetwin-statistics-1' });
  await expect(page.getByText(en['new.encoderFailed'].replace('{why} ', ''))).toBeVisible();
});

test('without a network a voice is kept on the device, and goes out when the network is back', async ({ page, context }) => {
  await page.goto('/voices/new');
  await expect(button(page, en['sample.record'])).toBeVisible();
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByText('The server is not reached.')).toBeVisible();
  await page.getByLabel(en['sample.file'], { exact: true }).setInputFiles(spoken('brother.wav', 120, 5));
  await expect(page.getByText(en['sample.good'])).toBeVisible();
  await fillIn(page, 'Brother');
  await button(page, en['new.keepNow']).click();
  await expect(page.locator('.creation')).toContainText(en['creation.waitingNetwork']);

  await page.getByRole('link', { name: en['voices.speak'], exact: true }).click();
  await expect(page.getByText('Speaking needs the server.')).toBeVisible();
  await expect(button(page, en['speak.now'])).toHaveCount(0);
  await page.goBack();

  await context.setOffline(false);
  await expect(page.getByText(en['creation.finished'])).toBeVisible();
  await expect(page.getByText('The server is not reached.')).toHaveCount(0);
});

test.describe('a server without accounts', () => {
  const ADDRESS = `http://localhost:${Number(process.env['TEST_PORT'] ?? 8788) + 7}`;
  let server: ChildProcess;
  test.beforeAll(async () => {
    server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], { cwd: fileURLToPath(new URL('../..', import.meta.url)), env: { ...process.env, PORT: new URL(ADDRESS).port, ACCOUNTS: 'off' }, stdio: 'ignore' });
    await expect.poll(() => fetch(`${ADDRESS}/health`).then((r) => r.ok, () => false), { timeout: 30_000 }).toBe(true);
  });
  test.afterAll(() => {
    server.kill('SIGKILL');
  });

  test('says on every page of the voice studio that it has none', async ({ page }) => {
    for (const path of ['/voices', '/voices/new', '/speak']) {
      await page.goto(`${ADDRESS}${path}`);
      await expect(page.getByText(en['voices.absent'])).toBeVisible();
      await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);
    }
  });
});
