/** Rendering a recording into a WAV file, or to standard output through one. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Style } from '../../shared/style.ts';
import { type BitDepth, BIT_DEPTHS, createWavWriter } from '../formats/wav-writer.ts';
import type { FrameSource } from '../rendering/chain-stream.ts';
import { planRender, render, type RenderReport } from '../rendering/render.ts';
import type { Option } from './arguments.ts';
import type { Workplace } from './command.ts';
import { createScratch } from './file-scratch.ts';
import { createFile } from './node-files.ts';
import { openRecording, type RecordingPlace } from './recordings.ts';
import { type FramePlace, threadPool } from './threads.ts';
import { noticeSentence } from './workplace.ts';

/** Options of every command that renders. */
export const OUTPUT_OPTIONS = {
  out: { value: 'FILE', help: 'WAV file to write, - for standard output', isRequired: true },
  'bit-depth': { value: '16|24|32f', help: 'of the WAV file; 16 is dithered (default 24)', choices: BIT_DEPTHS },
  intensity: { value: 'N', help: 'of the whole style, 0 to 100 % (default: as the style says)', range: [0, 100] },
} as const satisfies Record<string, Option>;

export interface RenderedFile {
  readonly report: RenderReport;
  /** The finished file, also where it was printed. */
  readonly path: string;
}

/** Renders and leaves a whole file or none. Warnings go to standard error. */
export async function renderToFile(
  place: RecordingPlace,
  style: Style,
  out: string,
  bitDepth: BitDepth,
  workplace: Workplace,
): Promise<RenderedFile> {
  const engine = await workplace.engine();
  const { pcm, close } = await openRecording(place);
  const plan = await planRender(pcm, style, engine);
  const folder = await workplace.folder();
  const path = out === '-' ? join(folder, 'standard-output.wav') : out;
  const file = await createFile(path);
  try {
    workplace.progress.stage('Rendering');
    const writer = await createWavWriter(file, { ...plan, bitDepth });
    const { scratch, place: scratchPlace } = await createScratch(folder, plan.channels, plan.frames);
    const places = new Map<FrameSource, FramePlace>([[scratch, { scratch: scratchPlace }]]);
    // What may be broken is read here, from start to end, so that it is counted.
    if (place.raw || !pcm.countsBroken) places.set(pcm, { recording: place });
    const report = await render(pcm, style, {
      engine,
      sink: writer,
      scratch,
      segments: plan.canSegment ? threadPool(await workplace.threads(), places) : null,
      signal: workplace.signal,
      onProgress: workplace.progress.update,
    });
    await writer.finish();
    await file.finish();
    const said = new Set(place.notices.map(({ code }) => code));
    for (const notice of pcm.notices) if (!said.has(notice.code)) workplace.warn(`${place.name}: ${noticeSentence(notice)}`);
    for (const notice of report.notices) workplace.warn(noticeSentence(notice));
    return { report, path };
  } catch (thrown) {
    await file.discard();
    throw thrown;
  } finally {
    await close();
  }
}

/** Sends a finished file to standard output. */
export async function printFile(path: string, workplace: Workplace): Promise<void> {
  for await (const piece of createReadStream(path)) await workplace.print(piece as Uint8Array);
}
