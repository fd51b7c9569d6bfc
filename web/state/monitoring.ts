/** Hearing oneself while playing: as it is, or through a preset's chain. Off until somebody says that headphones are on. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';
import type { EngineBinary } from '../../wasm/host/engine.ts';
import { openMonitor } from '../audio/input/monitor-node.ts';
import type { Monitor } from '../audio/input/monitor-node.ts';
import type { TakeInput } from '../jobs/takes-contract.ts';
import type { Presets } from './presets.ts';

export type MonitorMode = 'off' | 'plain' | 'style';

export function createMonitoring(input: Accessor<TakeInput | null>, presetId: Accessor<string | null>, presets: Pick<Presets, 'sound'>, engine: () => Promise<EngineBinary>) {
  const [mode, setMode] = createSignal<MonitorMode>('off');
  const [latencyMs, setLatencyMs] = createSignal<number | null>(null);
  /** Asked once per visit. */
  const [headphones, setHeadphones] = createSignal(false);

  createEffect(
    on([input, mode, presetId], ([now, wanted, id]) => {
      setLatencyMs(null);
      if (!now || wanted === 'off') return;
      let [monitor, isOver]: [Monitor | null, boolean] = [null, false];
      const open = async () => {
        const sound = wanted === 'style' && id !== null ? await presets.sound(id) : null;
        const onLatency = (frames: number) => setLatencyMs((1000 * frames) / now.context.sampleRate);
        const opened = await openMonitor(now.context, now.source, { engine: await engine(), channels: now.channels, onLatency });
        if (isOver) return opened.end();
        monitor = opened;
        opened.set(sound);
      };
      // Without it the recorder records all the same.
      open().catch(() => setMode('off'));
      onCleanup(() => {
        isOver = true;
        monitor?.end();
      });
    }),
  );
  // Through a preset there is nothing to hear once it is taken out.
  createEffect(() => {
    if (presetId() === null && mode() === 'style') setMode('plain');
  });
  return {
    mode,
    latencyMs,
    headphones,
    /** @returns false where it has to be asked first whether headphones are on */
    set(next: MonitorMode): boolean {
      if (next !== 'off' && !headphones()) return false;
      setMode(next);
      return true;
    },
    headphonesOn: () => setHeadphones(true),
  };
}

export type Monitoring = ReturnType<typeof createMonitoring>;
