/** What the journal worker does, over any store of bytes. */
import { AppError } from '../../../shared/errors.ts';
import type { CaptureNews } from '../../audio/capture/messages.ts';
import type { ByteStore } from '../../storage/contract.ts';
import type { JournalMethods } from './contract.ts';
import { inspectJournal } from './inspect-journal.ts';
import { TakeRecorder } from './take-recorder.ts';

const TELL_MS = 100;
/** An audio thread that is gone never says 'end'. */
const LAST_PIECES_MS = 1000;

interface Recording {
  readonly recorder: TakeRecorder;
  readonly news: MessagePort;
  readonly ticker: ReturnType<typeof setInterval>;
  /** Of the segment that is open. */
  source: { readonly port: MessagePort; readonly ended: Promise<void> } | null;
}

/** One take at a time. @param openBytes where takes are kept */
export function createJournalMethods(openBytes: () => Promise<ByteStore>, nowMs: () => number): JournalMethods {
  let current: Recording | null = null;

  function recording(): Recording {
    if (!current) throw new AppError('internal', { detail: 'no take is open' });
    return current;
  }

  /** What the audio thread still has to say. */
  async function drain(open: Recording): Promise<void> {
    const { source } = open;
    if (!source) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([source.ended, new Promise<void>((resolve) => (timer = setTimeout(resolve, LAST_PIECES_MS)))]);
    clearTimeout(timer);
    source.port.close();
    open.source = null;
  }

  return {
    async begin({ identity, news }) {
      if (current) throw new AppError('capture/busy');
      const bytes = await openBytes();
      const [mark] = crypto.getRandomValues(new Uint32Array(1));
      const recorder = await TakeRecorder.begin(identity, { bytes, nowMs, mark: mark! });
      const ticker = setInterval(() => {
        recorder.tick();
        news.postMessage(recorder.news());
      }, TELL_MS);
      current = { recorder, news, ticker, source: null };
      return null;
    },
    async segment({ facts, isContinued, port }) {
      const open = recording();
      await drain(open);
      await open.recorder.openSegment(facts, isContinued);
      let end: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      port.onmessage = ({ data }: MessageEvent<CaptureNews>) => {
        if (data.type === 'frames') open.recorder.take(data);
        else end();
      };
      open.source = { port, ended };
      return null;
    },
    async closeSegment() {
      const open = recording();
      await drain(open);
      return open.recorder.closeSegment();
    },
    mark: ({ label }) => Promise.resolve(recording().recorder.mark(label)),
    async end(facts) {
      const open = recording();
      await drain(open);
      clearInterval(open.ticker);
      try {
        return await open.recorder.end(facts);
      } finally {
        open.news.close();
        current = null;
      }
    },
    inspect: async (takeId, task) => inspectJournal(await openBytes(), takeId, task),
  };
}
