import { parse } from 'node:path';
import { fillSentence } from '../../../shared/errors.ts';
import { LOSSES } from '../../export/contract.ts';
import { type ExportFormat, EXPORTERS, exportPreset } from '../../export/registry.ts';
import type { Command } from '../command.ts';
import { createFile } from '../node-files.ts';
import { readStyle } from '../style-file.ts';

const FORMATS = EXPORTERS.map(({ format }) => format);

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write a preset in the format of another program.',
  options: {
    preset: { value: 'FILE', help: 'JSON preset to read', isRequired: true },
    format: { value: FORMATS.join('|'), help: 'what to write', isRequired: true, choices: FORMATS },
    out: { value: 'FILE', help: 'file to write, - for standard output', isRequired: true },
    'sample-rate': { value: 'HZ', help: 'of an impulse response (default 48000)', range: [8000, 192_000] },
  },
  async run(values, workplace) {
    const style = await readStyle(values.required('preset'));
    const { bytes, losses } = await exportPreset(style, values.required('format') as ExportFormat, {
      engine: await workplace.engine(),
      sampleRate: Math.round(values.number('sample-rate', 48_000)),
      name: parse(values.required('preset')).name,
    });
    const out = values.required('out');
    if (out === '-') await workplace.print(bytes);
    else {
      const file = await createFile(out);
      await file.write(bytes);
      await file.finish();
    }
    for (const { code, args } of losses) workplace.warn(fillSentence(LOSSES[code], args));
  },
};
