/** A sound card that is not there: what is played into it is what its microphone hears. For browsers without a device. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasPulseAudio = (): boolean => ['pulseaudio', 'pactl'].every((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0);
export const INSTALL_PULSEAUDIO = 'apt-get install -y pulseaudio pulseaudio-utils';

export interface SoundCard {
  /** For the browser's process. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

/** A PulseAudio of its own at 48 kHz in floats, beside any other; its microphone is a loop from its output. */
export function openSoundCard(): SoundCard {
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-sound-'));
  const socket = join(folder, 'pulse.sock');
  const config = join(folder, 'daemon.conf');
  writeFileSync(config, 'default-sample-rate = 48000\nalternate-sample-rate = 48000\ndefault-sample-format = float32le\nflat-volumes = no\n');
  const own = { ...process.env, XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: folder, PULSE_CONFIG: config };
  const format = 'rate=48000 format=float32le';
  const started = spawnSync(
    'pulseaudio',
    [
      '--daemonize=yes', '--exit-idle-time=-1', '--use-pid-file=yes', '-n',
      `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
      `--load=module-null-sink sink_name=out ${format}`,
      // Chromium hides monitors: behind a remapped source it sees a microphone.
      `--load=module-remap-source master=out.monitor source_name=loop ${format} source_properties=device.description=Loop`,
    ],
    { env: own, encoding: 'utf8' },
  );
  if (started.status !== 0) throw new Error(`PulseAudio did not start: ${started.stderr}`);
  const env = { PULSE_SERVER: `unix:${socket}` };
  const control = (...words: string[]) => spawnSync('pactl', words, { env: { ...own, ...env }, encoding: 'utf8' });
  for (let tries = 0; tries < 50 && control('info').status !== 0; tries += 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  control('set-default-sink', 'out');
  control('set-default-source', 'loop');
  control('set-source-volume', 'loop', '100%');
  return {
    env,
    close() {
      spawnSync('pulseaudio', ['--kill'], { env: own });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
