/** Recordings on their way into the library: one line each until it is there. */
import { createSignal } from 'solid-js';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { RecordingOrigin, TonetwinService } from '../jobs/contract.ts';

export interface AddingItem {
  readonly file: File;
  /** 0 to 1. */
  readonly fraction: number;
  readonly error: ErrorBody | null;
}

/** A person is asked whether the additional decoder may be downloaded for a file. */
interface Question {
  readonly name: string;
  answer(isAllowed: boolean): void;
}

export function createAdding(service: TonetwinService) {
  const [items, setItems] = createSignal<readonly AddingItem[]>([]);
  const [question, setQuestion] = createSignal<Question | null>(null);
  const change = (file: File, more: Partial<AddingItem>): void => void setItems((now) => now.map((item) => (item.file === file ? { ...item, ...more } : item)));
  const dismiss = (file: File): void => void setItems((now) => now.filter((item) => item.file !== file));

  // One question at a time.
  let asked: Promise<unknown> = Promise.resolve();
  const ask = (name: string): Promise<boolean> => {
    const turn = asked.then(() => new Promise<boolean>((answer) => setQuestion({ name, answer })));
    asked = turn.then(() => setQuestion(null));
    return turn;
  };

  /** @returns the recording's id; null when it could not be added, and `items` says why */
  async function add(file: File, origin: RecordingOrigin = 'file', allowFallbackDecoder = false): Promise<string | null> {
    setItems((now) => [...now.filter((item) => item.file !== file), { file, fraction: 0, error: null }]);
    try {
      const { id } = await service.addRecording(file, { origin, allowFallbackDecoder, onProgress: (fraction) => change(file, { fraction }) });
      dismiss(file);
      return id;
    } catch (thrown) {
      const error = toAppError(thrown).toBody();
      change(file, { error });
      return error.code === 'audio/needs-fallback' && !allowFallbackDecoder && (await ask(file.name)) ? add(file, origin, true) : null;
    }
  }
  return { items, add, dismiss, question };
}

export type Adding = ReturnType<typeof createAdding>;
