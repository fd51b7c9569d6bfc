/** Chromium's microphone that beeps and needs no permission, for journeys through the pages themselves. */
import { findChromium } from '../support/find-chromium.ts';

const executablePath = findChromium();

export const WITH_MICROPHONE = {
  permissions: ['microphone'],
  launchOptions: {
    ...(executablePath ? { executablePath } : {}),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--disable-quic', '--no-first-run',
    ],
  },
};
