/** Recordings made up for journeys, and the steps every journey takes. */
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { neutralStyle } from '../../shared/style.ts';
import { styleToDocument } from '../../shared/style-document.ts';
import { musicLike } from '../support/signals.ts';

export interface FilePayload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A 16-bit WAV file of planar frames. */
export function wavFile(name: string, channels: readonly Float32Array[], sampleRate: number): FilePayload {
  const frames = channels[0]?.length ?? 0;
  const dataBytes = frames * channels.length * 2;
  const buffer = Buffer.alloc(44 + dataBytes);
  buffer.write('RIFF', 0);
  buffer.writeUInt32LE(36 + dataBytes, 4);
  buffer.write('WAVEfmt ', 8);
  buffer.writeUInt32LE(16, 16);
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(channels.length, 22);
  buffer.writeUInt32LE(sampleRate, 24);
  buffer.writeUInt32LE(sampleRate * channels.length * 2, 28);
  buffer.writeUInt16LE(channels.length * 2, 32);
  buffer.writeUInt16LE(16, 34);
  buffer.write('data', 36);
  buffer.writeUInt32LE(dataBytes, 40);
  for (let frame = 0; frame < frames; frame++) {
    channels.forEach((channel, c) => {
      const value = Math.max(-1, Math.min(1, channel[frame] ?? 0));
      buffer.writeInt16LE(Math.round(value * 32767), 44 + (frame * channels.length + c) * 2);
    });
  }
  return { name, mimeType: 'audio/wav', buffer };
}

/** Music-like material, different for every seed. */
export const musicFile = (name: string, seconds: number, seed: number, gain = 1, sampleRate = 44100): FilePayload =>
  wavFile(name, musicLike(seconds, sampleRate, seed).map((channel) => channel.map((value) => value * gain)), sampleRate);

/** A preset as a file: a high pass and a dip of 6 dB, heard, and quickly rendered. */
export function aPreset(name: string): FilePayload {
  const style = neutralStyle('0'.repeat(64), 'B');
  const { eq } = style.modules;
  style.modules.eq = { ...eq, enabled: true, values: { ...eq.values, bands: [{ type: 'high_pass', fHz: 300, q: 0.7, gainDb: 0 }, { type: 'peak', fHz: 2500, q: 1, gainDb: -6 }] } };
  return { name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(styleToDocument(style))) };
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** One of the three that are compared. */
export const track = (page: Page, name: string) => page.getByRole('radio', { name, exact: true });

/** The file shown in the place for the reference (0) or the target (1). */
export const place = (page: Page, index: 0 | 1) => page.locator('.drop-area').nth(index);

export async function tryDemo(page: Page): Promise<void> {
  await page.goto('/');
  await button(page, 'Try the demo').click();
  await expect(button(page, 'Match')).toBeEnabled();
}

/** From the first page to the demo's result. */
export async function matchDemo(page: Page): Promise<void> {
  await tryDemo(page);
  await button(page, 'Match').click();
  await expect(button(page, 'Download WAV')).toBeVisible({ timeout: 90_000 });
}
