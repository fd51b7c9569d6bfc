import { mkdirSync, rmSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { killWhileRecording, summarize } from '../support/crash.ts';
import { findChromium } from '../support/find-chromium.ts';
import { serveRecorderLab } from '../support/recorder-lab.ts';

const KILLS = 10;

test(`a browser that is killed ${KILLS} times while it records loses at most a second of each take, and not one sample of the rest is wrong`, async ({ browserName }, { outputDir }) => {
  test.skip(process.platform !== 'linux', `the processes of ${browserName} are found as Linux shows them`);
  test.setTimeout(300_000);
  mkdirSync(outputDir, { recursive: true });
  const lab = await serveRecorderLab(`${outputDir}/page`);
  try {
    const outcomes = await killWhileRecording({ kills: KILLS, seed: 7, folder: outputDir, executablePath: findChromium()!, address: lab.address });
    const { kills, maxLostMs, corrupted, unrecoverable } = summarize(outcomes);
    expect({ kills, corrupted, unrecoverable }, JSON.stringify(outcomes)).toEqual({ kills: KILLS, corrupted: 0, unrecoverable: 0 });
    expect(maxLostMs).toBeLessThanOrEqual(1000);
    // The harness sees losses: what a block holds when the browser goes is never safe.
    expect(maxLostMs).toBeGreaterThan(0);
  } finally {
    lab.stop();
    rmSync(outputDir, { recursive: true, force: true });
  }
});
