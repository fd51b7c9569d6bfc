import type { BitDepth } from '../../formats/wav-writer.ts';
import type { Command } from '../command.ts';
import { OUTPUT_OPTIONS, printFile, renderToFile } from '../render-file.ts';
import { readStyle } from '../style-file.ts';

export const renderCommand: Command = {
  name: 'render',
  summary: 'Apply a preset to a recording.',
  options: {
    preset: { value: 'FILE', help: 'JSON preset to apply', isRequired: true },
    target: { value: 'FILE', help: 'recording to change, - for standard input', isRequired: true },
    ...OUTPUT_OPTIONS,
  },
  async run(values, workplace) {
    const style = await readStyle(values.required('preset'));
    style.intensity = values.number('intensity', style.intensity * 100) / 100;
    const place = await workplace.recording(values.required('target'));
    const out = values.required('out');
    const { path } = await renderToFile(place, style, out, (values.text('bit-depth') ?? '24') as BitDepth, workplace);
    if (out === '-') await printFile(path, workplace);
  },
};
