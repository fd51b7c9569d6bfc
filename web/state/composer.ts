/** What a person is about to ask for: two recordings (or one and a preset), the mode and the options. */
import { createEffect, createMemo, createSignal } from 'solid-js';
import { createStore, unwrap } from 'solid-js/store';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { Job, JobOptions } from '../../shared/jobs.ts';
import { limiter } from '../../shared/params/limiter.ts';
import type { Style } from '../../shared/style.ts';
import type { Product } from './product.tsx';

export type Role = 'reference' | 'target';

/** One of the two places for a recording. `file` is kept only to open it once more with the additional decoder. */
export type Slot =
  | { readonly status: 'empty' }
  | { readonly status: 'adding'; readonly name: string; readonly fraction: number | null }
  | { readonly status: 'chosen'; readonly id: string; readonly file: File | null }
  | { readonly status: 'failed'; readonly name: string; readonly error: ErrorBody; readonly file: File | null };

export type Readiness = 'ready' | 'needs-both' | 'needs-target' | 'reading';

const STORED_AS = 'tonetwin.composer';
const EMPTY: Slot = { status: 'empty' };
const DEFAULT_OPTIONS: JobOptions = { mode: 'B', pitch: false, ceilingDbtp: limiter.parameters.tpDb.default, residualFir: false };

interface Remembered {
  readonly reference: string | null;
  readonly target: string | null;
  readonly options: JobOptions;
}

function remembered(storage: Pick<Storage, 'getItem'> | null): Remembered | null {
  try {
    const found = JSON.parse(storage?.getItem(STORED_AS) ?? 'null') as Partial<Remembered> | null;
    return found ? { reference: found.reference ?? null, target: found.target ?? null, options: { ...DEFAULT_OPTIONS, ...found.options } } : null;
  } catch {
    return null;
  }
}

/** Puts a recording in its place for the next time the composer is seen. */
export function placeInComposer(storage: Pick<Storage, 'getItem' | 'setItem'> | null, role: Role, id: string): void {
  const before = remembered(storage) ?? { reference: null, target: null, options: DEFAULT_OPTIONS };
  storage?.setItem(STORED_AS, JSON.stringify({ ...before, [role]: id } satisfies Remembered));
}

/** The composer's state; choices survive a reload through `storage`. */
export function createComposer(product: Product, storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
  const before = remembered(storage);
  const slotOf = (id: string | null | undefined): Slot => (id ? { status: 'chosen', id, file: null } : EMPTY);
  const places = { reference: createSignal(slotOf(before?.reference)), target: createSignal(slotOf(before?.target)) };
  const slots: Readonly<Record<Role, Slot>> = {
    get reference() {
      return places.reference[0]();
    },
    get target() {
      return places.target[0]();
    },
  };
  const setSlot = (role: Role, slot: Slot) => void places[role][1](() => slot);
  const [options, setOptions] = createStore<{ -readonly [K in keyof JobOptions]: JobOptions[K] }>({ ...(before?.options ?? DEFAULT_OPTIONS) });
  const [preset, setPreset] = createSignal<{ readonly name: string; readonly style: Style } | null>(null);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [suggestion, setSuggestion] = createSignal(false);
  const [demoLoading, setDemoLoading] = createSignal(false);
  const [starting, setStarting] = createSignal(false);

  const idOf = (role: Role): string | null => {
    const slot = slots[role];
    return slot.status === 'chosen' ? slot.id : null;
  };
  const recordingOf = (role: Role) => product.recording(idOf(role));
  const isReady = (role: Role) => recordingOf(role)?.state.status === 'ready';

  // A recording that was here, in this session or the last, may be removed; one just added may not be listed yet.
  const seen = new Set([before?.reference, before?.target]);
  createEffect(() => {
    if (!product.known.recordings) return;
    for (const role of ['reference', 'target'] as const) {
      const slot = slots[role];
      if (slot.status === 'chosen' && seen.has(slot.id) && !product.recording(slot.id)) setSlot(role, EMPTY);
    }
    for (const { id } of product.recordings) seen.add(id);
  });
  createEffect(() => {
    const choice: Remembered = { reference: idOf('reference'), target: idOf('target'), options: { ...options } };
    storage?.setItem(STORED_AS, JSON.stringify(choice));
  });

  // Two recordings of one performance are told apart by aligning them; an answer that comes too late is dropped, and a
  // match that has begun needs the processor more than the hint.
  let hint: AbortController | undefined;
  createEffect(() => {
    hint?.abort();
    setSuggestion(false);
    const [reference, target] = [idOf('reference'), idOf('target')];
    if (!reference || !target || reference === target || !isReady('reference') || !isReady('target') || preset()) return;
    const controller = new AbortController();
    hint = controller;
    product.service.looksPaired(reference, target, { signal: controller.signal }).then(
      (paired) => {
        if (!controller.signal.aborted) setSuggestion(paired);
      },
      () => undefined, // Only a hint; the match itself says what is wrong.
    );
  });

  const readiness = createMemo((): Readiness => {
    const needed: readonly Role[] = preset() ? ['target'] : ['reference', 'target'];
    if (needed.some((role) => slots[role].status === 'adding')) return 'reading';
    if (needed.some((role) => slots[role].status !== 'chosen')) return preset() ? 'needs-target' : 'needs-both';
    if (needed.every(isReady)) return 'ready';
    return needed.some((role) => recordingOf(role)?.state.status === 'failed') ? (preset() ? 'needs-target' : 'needs-both') : 'reading';
  });

  async function add(role: Role, file: File, allowFallbackDecoder = false): Promise<void> {
    setSlot(role, { status: 'adding', name: file.name, fraction: null });
    const isCurrent = () => {
      const slot = slots[role];
      return slot.status === 'adding' && slot.name === file.name;
    };
    try {
      const onProgress = (fraction: number) => {
        if (isCurrent()) setSlot(role, { status: 'adding', name: file.name, fraction });
      };
      const recording = await product.service.addRecording(file, { allowFallbackDecoder, onProgress });
      if (isCurrent()) setSlot(role, { status: 'chosen', id: recording.id, file });
    } catch (thrown) {
      if (isCurrent()) setSlot(role, { status: 'failed', name: file.name, error: toAppError(thrown).toBody(), file });
    }
  }

  async function loadDemo(): Promise<void> {
    setDemoLoading(true);
    setFailure(null);
    try {
      const pair = await product.service.loadDemo();
      setPreset(null);
      setSlot('reference', slotOf(pair.reference.id));
      setSlot('target', slotOf(pair.target.id));
      setOptions('mode', 'B');
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    } finally {
      setDemoLoading(false);
    }
  }

  async function loadPreset(file: File): Promise<void> {
    setFailure(null);
    try {
      setPreset({ name: file.name.replace(/\.json$/i, ''), style: await product.service.importPreset(file) });
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
  }

  /** A preset of the library. */
  async function choosePreset(id: string): Promise<void> {
    setFailure(null);
    try {
      const { name, style } = await product.service.library.preset(id);
      setPreset({ name, style });
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
    }
  }

  /** Starts the match, or the rendering of a loaded preset; null when that failed and `failure` says why. */
  async function start(): Promise<Job | null> {
    const [reference, target, loaded] = [idOf('reference'), idOf('target'), preset()];
    if (readiness() !== 'ready' || !target) return null;
    setFailure(null);
    setStarting(true);
    hint?.abort();
    try {
      if (loaded) return await product.service.renderAgain(target, loaded.style, { referenceId: null });
      return reference ? await product.service.startMatch(reference, target, { ...unwrap(options) }) : null;
    } catch (thrown) {
      setFailure(toAppError(thrown).toBody());
      return null;
    } finally {
      setStarting(false);
    }
  }

  return {
    slots,
    options,
    setOptions,
    preset,
    clearPreset: () => setPreset(null),
    failure,
    setFailure,
    suggestion,
    demoLoading,
    starting,
    readiness,
    recordingOf,
    add,
    choose: (role: Role, id: string) => setSlot(role, slotOf(id)),
    clear: (role: Role) => setSlot(role, EMPTY),
    swap: () => {
      const { reference, target } = { ...slots };
      setSlot('reference', target);
      setSlot('target', reference);
    },
    loadDemo,
    loadPreset,
    choosePreset,
    start,
  };
}

export type Composer = ReturnType<typeof createComposer>;
