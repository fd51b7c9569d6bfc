import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { button, matchDemo, musicFile, place, track, tryDemo, wavFile } from './takes.ts';

test('the demo: match, hear all three at one loudness, read what was changed, take the file along', async ({ page }) => {
  await matchDemo(page);
  for (const name of ['Target', 'Reference', 'Result']) {
    await track(page, name).click();
    await expect(track(page, name)).toBeChecked();
  }
  await expect(page.getByRole('heading', { name: 'What was changed' })).toBeVisible();
  await expect(page.getByRole('row', { name: /True peak/ })).toBeVisible();
  await expect(page.getByRole('switch')).not.toHaveCount(0);

  for (const [depth, bits, format] of [['16', 16, 1], ['24', 24, 1], ['32f', 32, 3]] as const) {
    await page.getByLabel('Sample format').selectOption(depth);
    const downloading = page.waitForEvent('download');
    await button(page, 'Download WAV').click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/\.wav$/);
    const bytes = readFileSync(await download.path());
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
    const fmt = bytes.indexOf('fmt ') + 8;
    const code = bytes.readUInt16LE(fmt);
    expect({ format: code === 0xfffe ? bytes.readUInt16LE(fmt + 24) : code, bits: bytes.readUInt16LE(fmt + 14) }).toEqual({ format, bits });
  }
});

test('the player moves on, switches while it plays, and obeys the keyboard', async ({ page }) => {
  await matchDemo(page);
  const position = page.getByRole('slider', { name: 'Position' });
  await page.keyboard.press('Space');
  await expect(button(page, 'Pause')).toBeVisible();
  await expect(position).not.toHaveAttribute('aria-valuenow', '0');
  await page.keyboard.press('1');
  await expect(track(page, 'Target')).toBeChecked();
  await page.keyboard.press('3');
  await expect(track(page, 'Reference')).toBeChecked();
  await expect(button(page, 'Pause')).toBeVisible();
  await page.keyboard.press('Space');
  await expect(button(page, 'Play')).toBeVisible();
  await position.focus();
  await page.keyboard.press('Home');
  await expect(position).toHaveAttribute('aria-valuenow', '0');
  await page.keyboard.press('ArrowRight');
  await expect(position).toHaveAttribute('aria-valuenow', '5');
});

test('a parameter is edited, only rendering runs again, and the estimate can be had back', async ({ page }) => {
  await matchDemo(page);
  const first = new URL(page.url()).searchParams.get('job');
  await button(page, 'Edit Limiter').click();
  const ceiling = page.getByRole('spinbutton', { name: 'Ceiling' });
  await ceiling.fill('-6');
  await ceiling.press('Enter');
  await page.getByRole('switch', { name: 'Limiter on or off' }).setChecked(true);
  await page.getByRole('switch', { name: 'EQ on or off' }).setChecked(false);
  await expect(page.getByText('Edited. You hear every change at once; render again to keep it.')).toBeVisible();
  await button(page, 'Render again').click();
  await expect.poll(() => new URL(page.url()).searchParams.get('job')).not.toBe(first);
  await expect(page.getByText('Edited. You hear every change at once; render again to keep it.')).toBeHidden({ timeout: 60_000 });
  await expect(page.getByRole('switch', { name: 'EQ on or off' })).not.toBeChecked();
  const peak = page.getByRole('row', { name: /True peak/ }).getByRole('cell').nth(1);
  await expect.poll(async () => Number((await peak.innerText()).replace('\u2212', '-'))).toBeLessThanOrEqual(-6);
  // What was open stays open, on the new result.
  await expect(ceiling).toHaveValue('-6');
  await button(page, 'Reset to estimate').click();
  await expect(ceiling).not.toHaveValue('-6');
});

test('an edit is heard while it plays, the tracks are switched meanwhile, and taking it back brings the rendered result', async ({ page }) => {
  await matchDemo(page);
  await button(page, 'Play').click();
  await expect(button(page, 'Pause')).toBeVisible();
  await page.getByRole('switch', { name: 'EQ on or off' }).setChecked(false);
  const live = page.getByText('Result is live, with your changes.');
  await expect(live).toBeVisible();
  await page.keyboard.press('1');
  await expect(live).toBeHidden();
  await page.keyboard.press('2');
  await expect(live).toBeVisible();
  await page.getByRole('switch', { name: 'EQ on or off' }).setChecked(true);
  await expect(live).toBeHidden();
  await expect(page.getByText('Edited. You hear')).toBeHidden();
});

test('a preset is exported, loaded, and applied to another recording', async ({ page }) => {
  await matchDemo(page);
  const downloading = page.waitForEvent('download');
  await button(page, 'Export preset').click();
  const preset = readFileSync(await (await downloading).path());
  expect(JSON.parse(preset.toString('utf8'))).toMatchObject({ version: 1 });
  await page.goto('/');
  await page.getByLabel('Load preset').setInputFiles({ name: 'warm.json', mimeType: 'application/json', buffer: preset });
  await expect(page.getByText('Preset warm')).toBeVisible();
  await page.getByLabel('Target', { exact: true }).setInputFiles(musicFile('other take.wav', 6, 11));
  await button(page, 'Apply preset').click();
  await expect(page.getByRole('heading', { name: 'other take with a preset' })).toBeVisible({ timeout: 60_000 });
  await expect(track(page, 'Reference')).toBeHidden();
});

test('a reload in the middle of the work goes on where it was, and a second tab shows the same job', async ({ page, context }) => {
  await page.goto('/');
  await page.getByLabel('Reference', { exact: true }).setInputFiles(musicFile('record.wav', 60, 3));
  await page.getByLabel('Target', { exact: true }).setInputFiles(musicFile('take.wav', 60, 4, 0.3));
  await expect(button(page, 'Match')).toBeEnabled();
  await button(page, 'Match').click();
  await expect(page.getByRole('progressbar', { name: 'Matching' })).toBeVisible();
  const address = page.url();
  const second = await context.newPage();
  await second.goto(address);
  await expect(second.getByText('take in the style of record').first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'take in the style of record', level: 1 })).toBeVisible({ timeout: 90_000 });
  await expect(second.getByRole('heading', { name: 'take in the style of record', level: 1 })).toBeVisible();
  await expect(place(page, 0)).toContainText('record.wav');
});

test('a running job is cancelled and can be taken up again', async ({ page }) => {
  await page.goto('/');
  await page.getByLabel('Reference', { exact: true }).setInputFiles(musicFile('record.wav', 60, 5));
  await page.getByLabel('Target', { exact: true }).setInputFiles(musicFile('take.wav', 60, 6));
  await button(page, 'Match').click();
  await button(page, 'Cancel').click();
  await expect(page.getByText('Cancelled').first()).toBeVisible();
  await button(page, 'Try again').click();
  await expect(button(page, 'Download WAV')).toBeVisible({ timeout: 90_000 });
});

const silence = new Float32Array(48000);
const BAD: readonly (readonly [string, { name: string; mimeType: string; buffer: Buffer }, string])[] = [
  ['an empty file', { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) }, 'The file is empty.'],
  ['a text', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('these are words, not sound '.repeat(200)) }, 'This is not an audio file we can read.'],
];

for (const [what, file, sentence] of BAD) {
  test(`${what} is refused with a clear sentence, and what was chosen stays`, async ({ page }) => {
    await page.goto('/');
    await page.getByLabel('Target', { exact: true }).setInputFiles(musicFile('take.wav', 2, 7));
    await expect(place(page, 1)).toContainText('take.wav');
    await page.getByLabel('Reference', { exact: true }).setInputFiles(file);
    await expect(page.getByRole('alert')).toContainText(sentence);
    await expect(place(page, 1)).toContainText('take.wav');
    await expect(button(page, 'Match')).toBeDisabled();
  });
}

for (const [what, file, sentence] of [
  ['silence', wavFile('silence.wav', [silence], 48000), 'The recording is silent'],
  ['a tenth of a second', musicFile('short.wav', 0.1, 8), 'at least 0.4 s are needed'],
] as const) {
  test(`${what} is told with a clear sentence, at the latest when the match is tried`, async ({ page }) => {
    await page.goto('/');
    await page.getByLabel('Reference', { exact: true }).setInputFiles(musicFile('record.wav', 3, 9));
    await page.getByLabel('Target', { exact: true }).setInputFiles(file);
    const told = page.getByText(sentence).first();
    await expect(told.or(page.locator('button[type=submit]:enabled'))).toBeVisible();
    if (!(await told.isVisible())) await button(page, 'Match').click();
    await expect(told).toBeVisible({ timeout: 30_000 });
  });
}

test('files are dropped and pasted, and stored recordings are chosen again', async ({ page }) => {
  await page.goto('/');
  const file = musicFile('dropped.wav', 2, 10);
  const transfer = await page.evaluateHandle(
    ([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(text!), (letter) => letter.charCodeAt(0))], name!, { type: 'audio/wav' }));
      return data;
    },
    [file.name, file.buffer.toString('base64')] as const,
  );
  await place(page, 0).dispatchEvent('drop', { dataTransfer: transfer });
  await expect(place(page, 0)).toContainText('dropped.wav');
  await page.evaluate((data) => document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })), transfer);
  await expect(place(page, 1)).toContainText('dropped.wav');
  await button(page, 'Take dropped.wav out').first().click();
  await page.getByLabel('Stored recordings').first().selectOption({ label: 'dropped.wav' });
  await expect(place(page, 0)).toContainText('dropped.wav');
});

test('storage use is shown and cleaned; a recording is removed', async ({ page }) => {
  await tryDemo(page);
  await page.getByRole('button', { name: /stored$/ }).click();
  await expect(page.getByRole('dialog', { name: 'Storage' })).toBeVisible();
  await page.getByRole('button', { name: /^Remove target/ }).click();
  await expect(page.getByRole('button', { name: /^Remove target/ })).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(button(page, 'Match')).toBeDisabled();
});
