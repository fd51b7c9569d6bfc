/** Styles a take can be finished with: those of finished matches, newest first, and one loaded from a file. */
import { createSignal } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { LiveSound } from '../../wasm/rendering/live-chain.ts';
import { limiterValues } from '../../wasm/rendering/style-chain.ts';
import type { Style } from '../../shared/style.ts';
import type { Product } from './product.tsx';

export interface Preset {
  readonly id: string;
  /** Of the reference it has the sound of, or of the file it came in. */
  readonly name: string;
  readonly from: 'match' | 'file';
}

const FILE_ID = 'file';
/** A live chain in headphones may not become this much louder than the microphone, whatever a render decided for another recording. */
const MOST_GAIN_DB = 6;
const withoutExtension = (name: string) => name.replace(/\.\w{1,5}$/, '');

export function createPresets(product: Product) {
  const [loaded, setLoaded] = createSignal<{ readonly preset: Preset; readonly style: Style } | null>(null);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);

  const list = (): Preset[] => {
    const found = new Map<string, Preset>();
    for (const job of product.jobs) {
      if (job.state !== 'COMPLETED' || job.resultId === null || job.referenceId === null || found.has(job.referenceId)) continue;
      const reference = product.recording(job.referenceId);
      if (reference) found.set(job.referenceId, { id: job.resultId, name: withoutExtension(reference.name), from: 'match' });
    }
    const file = loaded();
    return [...(file ? [file.preset] : []), ...found.values()];
  };
  /** @throws AppError 'storage/missing' when its result was removed */
  async function sound(id: string): Promise<LiveSound> {
    const file = loaded();
    if (file && id === FILE_ID) return { style: file.style, settings: { gainDb: 0, ceilingDbtp: limiterValues(file.style)?.tpDb ?? null } };
    const { style, settings } = await product.service.result(id);
    return { style, settings: { gainDb: Math.min(MOST_GAIN_DB, settings?.gainDb ?? 0), ceilingDbtp: limiterValues(style)?.tpDb ?? null } };
  }
  return {
    list,
    failure,
    sound,
    /** The style alone. @throws as `sound` */
    style: async (id: string): Promise<Style> => (await sound(id)).style,
    async load(file: File): Promise<Preset | null> {
      setFailure(null);
      try {
        const preset: Preset = { id: FILE_ID, name: withoutExtension(file.name), from: 'file' };
        setLoaded({ preset, style: await product.service.importPreset(file) });
        return preset;
      } catch (thrown) {
        setFailure(toAppError(thrown).toBody());
        return null;
      }
    },
  };
}

export type Presets = ReturnType<typeof createPresets>;
