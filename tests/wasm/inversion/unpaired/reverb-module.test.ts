import { expect, test } from 'vitest';
import { reverberationTime } from '../../../../wasm/inversion/paired/reverberation-time.ts';
import { reverbModule } from '../../../../wasm/inversion/unpaired/reverb-module.ts';
import { piece } from '../../../bench/figures/music.ts';
import { inRoom, RATE, room } from '../../../bench/figures/sound.ts';
import { measure } from '../../../support/analyze.ts';
import { freshEngine } from '../../../support/engine.ts';

/** Two composed pieces of drums alone. */
const [DRUMS, OTHER_DRUMS] = [8, 46];

test.each([0.6, 1.2, 1.6])('the room of drums comes back for other, dry drums: %s s within 15 %', async (seconds) => {
  const reference = await measure(inRoom(await freshEngine(), piece(DRUMS), room(seconds, 15, 5), -4), RATE);
  const { module, ir } = await reverbModule(reference, await measure(piece(OTHER_DRUMS), RATE));
  expect(module.enabled).toBe(true);
  const found = reverberationTime(ir!.response.channels, RATE)!;
  expect(Math.abs(found / seconds - 1)).toBeLessThan(0.15);
});

test('who is in as long a room is given none on top', async () => {
  const wet = async (seed: number) => measure(inRoom(await freshEngine(), piece(seed), room(0.8, 15, 5), -4), RATE);
  const { module, ir } = await reverbModule(await wet(DRUMS), await wet(OTHER_DRUMS));
  expect(module.enabled).toBe(false);
  expect(ir).toBeNull();
});

test('held chords are no room', async () => {
  const { module } = await reverbModule(await measure(piece(3), RATE), await measure(piece(DRUMS), RATE));
  expect(module.enabled).toBe(false);
});
