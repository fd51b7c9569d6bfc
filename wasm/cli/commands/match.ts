import { AppError } from '../../../shared/errors.ts';
import type { Features } from '../../../shared/features.ts';
import { limiter } from '../../../shared/params/limiter.ts';
import type { Mode, Style } from '../../../shared/style.ts';
import { styleToDocument } from '../../../shared/style-document.ts';
import type { BitDepth } from '../../formats/wav-writer.ts';
import { alignRecordings } from '../../inversion/alignment.ts';
import type { Measured } from '../../inversion/contract.ts';
import { invertParams } from '../../inversion/invert.ts';
import { measureResult } from '../../rendering/measure-result.ts';
import type { Command, Workplace } from '../command.ts';
import { analyzeAll } from '../measure.ts';
import { createFile } from '../node-files.ts';
import { openRecording, placeRecording } from '../recordings.ts';
import { OUTPUT_OPTIONS, printFile, type RenderedFile, renderToFile } from '../render-file.ts';
import { matchReport } from '../report.ts';
import { trialPool, unpackOn } from '../threads.ts';

const CEILING = limiter.parameters.tpDb;

async function writeJson(path: string, document: unknown): Promise<void> {
  const file = await createFile(path);
  await file.write(new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`));
  await file.finish();
}

/** Measures the finished file, as anyone else would read it. */
async function report(rendered: RenderedFile, style: Style, reference: Measured, target: Measured, workplace: Workplace) {
  const engine = await workplace.engine();
  const place = await placeRecording(rendered.path, 'result', await workplace.folder(), unpackOn(workplace.threads));
  const [features] = (await analyzeAll([place], false, workplace)) as [Features];
  const { pcm, close } = await openRecording(place);
  try {
    workplace.progress.stage('Measuring');
    const delayFrames = style.mode === 'A' ? (await alignRecordings(reference.pcm, target.pcm, { engine, signal: workplace.signal })).delayFrames : 0;
    const metrics = await measureResult({
      engine, mode: style.mode, result: { features, pcm }, target, reference, delayFrames,
      signal: workplace.signal, onProgress: workplace.progress.update,
    });
    const { gainDb, notices } = rendered.report;
    return matchReport({ style, metrics, reference: reference.features, target: target.features, result: features, gainDb, notices });
  } finally {
    await close();
  }
}

export const matchCommand: Command = {
  name: 'match',
  summary: 'Make the target sound like the reference.',
  options: {
    reference: { value: 'FILE', help: 'recording with the wanted sound, - for standard input', isRequired: true },
    target: { value: 'FILE', help: 'recording to change, - for standard input', isRequired: true },
    ...OUTPUT_OPTIONS,
    mode: { value: 'A|B', help: 'A: same performance, before and after. B: different recordings (default)', choices: ['A', 'B'] },
    preset: { value: 'FILE', help: 'JSON preset to write: what was found' },
    report: { value: 'FILE', help: 'JSON report to write: metrics and features of all three' },
    ceiling: { value: 'DBTP', help: `highest true peak of the result (default ${CEILING.default})`, range: [CEILING.min, CEILING.max] },
    pitch: { help: 'match the pitch too' },
    residual: { help: 'estimate a filter for what eight equalizer bands leave over' },
  },
  async run(values, workplace) {
    const [out, names] = [values.required('out'), [values.required('reference'), values.required('target')] as const];
    if (names[0] === '-' && names[1] === '-') throw new AppError('cli/usage', { detail: 'Only one of --reference and --target can be standard input.' });
    // Both are measured at once, by threads that come up while the files are looked at. Whoever runs something on them says what failed.
    workplace.threads().then((threads) => threads.warmUp(names.length), () => undefined);
    const places = await Promise.all([workplace.recording(names[0]), workplace.recording(names[1])]);
    const pitch = values.has('pitch');
    const [referenceFeatures, targetFeatures] = (await analyzeAll(places, pitch, workplace)) as [Features, Features];
    const [reference, target] = [await openRecording(places[0]), await openRecording(places[1])];
    try {
      const measured = [
        { features: referenceFeatures, pcm: reference.pcm },
        { features: targetFeatures, pcm: target.pcm },
      ] as const;
      workplace.progress.stage('Estimating');
      const mode = (values.text('mode') ?? 'B') as Mode;
      const style = await invertParams(...measured, {
        engine: await workplace.engine(),
        mode,
        trials: mode === 'A' ? trialPool(await workplace.threads()) : null,
        pitch,
        ceilingDbtp: values.number('ceiling', CEILING.default),
        residualFir: values.has('residual'),
        signal: workplace.signal,
        onProgress: workplace.progress.update,
      });
      style.intensity = values.number('intensity', 100) / 100;
      const rendered = await renderToFile(places[1], style, out, (values.text('bit-depth') ?? '24') as BitDepth, workplace);
      const [presetPath, reportPath] = [values.text('preset'), values.text('report')];
      if (presetPath) await writeJson(presetPath, styleToDocument(style));
      if (reportPath) await writeJson(reportPath, await report(rendered, style, ...measured, workplace));
      if (out === '-') await printFile(rendered.path, workplace);
    } finally {
      await Promise.all([reference.close(), target.close()]);
    }
  },
};
