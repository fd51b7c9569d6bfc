/** The emulator alone, for whoever wants to try the API without a key: `tsx server/speech/emulator/main.ts`. PORT, EMULATOR_KEY, EMULATOR_FOLDER. */
import { createCoder } from './coder.ts';
import { serveEmulator } from './serve-emulator.ts';
import { createEmulatorStore } from './store.ts';
import { findSynthesiser } from './synthesiser.ts';

const synthesiser = findSynthesiser();
if (!synthesiser) {
  process.stderr.write('There is no synthesiser: install espeak-ng, or its package with npm install.\n');
  process.exit(1);
}
const { baseUrl } = await serveEmulator({
  synthesiser, coder: createCoder(), store: createEmulatorStore(process.env['EMULATOR_FOLDER'] ?? null), nowMs: () => Date.now(),
  key: process.env['EMULATOR_KEY'] ?? null, region: process.env['EMULATOR_REGION'] === 'ai' ? 'ai' : 'com', latencyMs: 150, limits: { concurrent: 5, perMinute: 100 },
}, Number(process.env['PORT'] ?? 0));
process.stdout.write(`The speech emulator speaks with ${synthesiser.name}: ${baseUrl}\n`);
