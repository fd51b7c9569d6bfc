/** A recording on its way to a sample: what is selected, how it is mended, what is wrong with it, and the WAV that leaves the device. */
import { createEffect, createMemo, createResource, createSignal, on, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';
import type { ErrorBody } from '../../shared/errors.ts';
import type { VoiceStudio } from '../jobs/voices/voice-studio.ts';
import type { PreparedSample, SampleIssue, SampleMeasures, SamplePrint } from '../workers/voice-sample/contract.ts';
import { sampleIssues } from '../workers/voice-sample/sample-issues.ts';
import { firstSelection, moveSelection, type Selection } from './sample-selection.ts';

/** ms without another movement until a stretch is measured. */
const SETTLED_MS = 250;

/** @param recordingId  of a recording that is decoded; null: none */
export function createSampleMaker(studio: Pick<VoiceStudio, 'samples' | 'prints'>, recordingId: Accessor<string | null>) {
  const [selection, setSelection] = createSignal<Selection | null>(null);
  const [isNormalised, setNormalised] = createSignal(true);
  const [isDenoised, setDenoised] = createSignal(false);
  const [look] = createResource(recordingId, (id) => studio.samples.call('look', { recordingId: id }));
  createEffect(on(recordingId, () => setSelection(null)));
  createEffect(() => {
    const found = look.state === 'ready' ? look() : undefined;
    if (found && !selection()) setSelection(firstSelection(found.seconds, found.best));
  });

  const chosen = createMemo(() => {
    const [id, stretch] = [recordingId(), selection()];
    return id !== null && stretch ? { recordingId: id, start: stretch.start, end: stretch.end } : null;
  });
  const [measures, setMeasures] = createSignal<SampleMeasures | null>(null);
  const [isMeasuring, setMeasuring] = createSignal(false);
  createEffect(() => {
    const stretch = chosen();
    setMeasuring(stretch !== null);
    if (!stretch) return void setMeasures(null);
    const gone = new AbortController();
    const settled = setTimeout(() => {
      studio.samples.call('measure', stretch, { signal: gone.signal }).then(
        (found) => {
          if (gone.signal.aborted) return;
          setMeasures(found);
          setMeasuring(false);
        },
        // What is wrong with the recording is said when it is looked at.
        () => undefined,
      );
    }, SETTLED_MS);
    onCleanup(() => {
      clearTimeout(settled);
      gone.abort();
    });
  });
  const issues = (): readonly SampleIssue[] => {
    const known = measures();
    return known ? sampleIssues(known, { isNormalised: isNormalised(), isDenoised: isDenoised() }) : [];
  };

  let made: { readonly key: string; readonly sample: Promise<PreparedSample> } | null = null;
  /** The WAV of what is chosen now; made once. @throws AppError 'audio/too-short', 'storage/missing' */
  function prepare(): Promise<PreparedSample> {
    const stretch = chosen();
    if (!stretch) return Promise.reject(new Error('nothing is chosen'));
    const choices = { start: stretch.start, end: stretch.end, isNormalised: isNormalised(), isDenoised: isDenoised() };
    const key = JSON.stringify([stretch.recordingId, choices]);
    if (made?.key !== key) {
      const sample = studio.samples.call('prepare', { recordingId: stretch.recordingId, choices });
      const mine = { key, sample };
      made = mine;
      sample.catch(() => {
        if (made === mine) made = null;
      });
    }
    return made!.sample;
  }

  const [encoderShare, setEncoderShare] = createSignal<number | null>(null);
  const [encoderError, setEncoderError] = createSignal<ErrorBody | null>(null);
  let waiting = new AbortController();
  /** @param encoder  address of the manifest of the server's, or null */
  async function print({ wav }: PreparedSample, encoder: string | null): Promise<SamplePrint['embedding']> {
    setEncoderError(null);
    waiting = new AbortController();
    try {
      const made = await studio.prints.of(wav, encoder, { signal: waiting.signal, onProgress: (fraction) => setEncoderShare(fraction < 1 ? fraction : null) });
      setEncoderError(made.encoderError);
      return made.embedding;
    } finally {
      setEncoderShare(null);
    }
  }

  return {
    print,
    /** How much of the server's encoder is here, 0 to 1, while it is fetched. */
    encoderShare,
    /** Without the rest of it: the built-in one is used. What came is kept. */
    giveUpEncoder: () => waiting.abort(),
    /** Why the last print was made without it. */
    encoderError,
    look: () => (look.error ? undefined : look.latest),
    lookError: () => look.error as unknown,
    selection,
    measures,
    issues,
    /** Of all that can be known here nothing speaks against it. */
    isUsable: () => measures() !== null && !isMeasuring() && !issues().some(({ isBlocking }) => isBlocking),
    /** Names what `prepare` makes. */
    key: () => JSON.stringify([chosen(), isNormalised(), isDenoised()]),
    isNormalised,
    setNormalised,
    isDenoised,
    setDenoised,
    move(which: 'start' | 'end' | 'whole', at: number): void {
      const [now, seconds] = [selection(), look.error ? undefined : look.latest?.seconds];
      if (now && seconds !== undefined) setSelection(moveSelection(now, which, at, seconds));
    },
    /** Back to where most is said. */
    chooseBest(): void {
      const found = look.error ? undefined : look.latest;
      if (found) setSelection(firstSelection(found.seconds, found.best));
    },
    prepare,
  };
}

export type SampleMaker = ReturnType<typeof createSampleMaker>;
