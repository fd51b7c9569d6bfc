/** Rendering into memory, for tests. */
import { pcmFromArrays, type PcmSink } from '../../shared/pcm.ts';
import { neutralStyle, type Style, type StyleModules } from '../../shared/style.ts';
import { render, type RenderOptions, type RenderReport } from '../../wasm/rendering/render.ts';
import { memoryScratch } from '../../wasm/rendering/scratch.ts';

export interface MemorySink extends PcmSink {
  readonly frames: number;
  /** What has been written, one array per channel. */
  channels(): Float32Array<ArrayBuffer>[];
  truncate(frames: number): void;
}

export function memorySink(): MemorySink {
  const scratch = memoryScratch();
  let rows: Float32Array<ArrayBuffer>[] = [];
  const refresh = async (): Promise<void> => {
    rows = await scratch.read(0, scratch.frames);
  };
  return {
    get frames() {
      return scratch.frames;
    },
    write: (channels) => scratch.write(channels).then(refresh),
    channels: () => rows,
    truncate: (frames) => void scratch.truncate(frames).then(refresh),
  };
}

/** A style with some modules switched on. */
export function styleWith(modules: { readonly [M in keyof StyleModules]?: StyleModules[M]['values'] }, irs: Style['irs'] = {}): Style {
  const style = neutralStyle('', 'B');
  style.irs = irs;
  for (const [name, values] of Object.entries(modules)) {
    Object.assign(style.modules[name as keyof StyleModules], { enabled: true, values });
  }
  return style;
}

export interface Rendered {
  readonly report: RenderReport;
  readonly channels: readonly Float32Array<ArrayBuffer>[];
}

export async function renderArrays(
  channels: readonly Float32Array[],
  sampleRate: number,
  style: Style,
  options: Omit<RenderOptions, 'sink' | 'scratch'>,
): Promise<Rendered> {
  const sink = memorySink();
  const report = await render(pcmFromArrays(channels, sampleRate), style, { ...options, sink, scratch: memoryScratch() });
  return { report, channels: sink.channels() };
}
