import { expect, test } from 'vitest';
import { styleFromDocument } from '../../../shared/style-document.ts';
import { json } from '../../../wasm/export/json/json.ts';
import { obeysTheLawsOfAnExporter } from '../../contracts/exporter.ts';
import { STYLE_WITH_EVERYTHING } from '../../support/styles.ts';

const EVERYTHING = ['pitch', 'eq', 'matchFir', 'dynamics', 'exciter', 'stereo', 'reverb', 'lufs', 'limiter'];

obeysTheLawsOfAnExporter(json, EVERYTHING);

test('reading the preset back gives the style', async () => {
  const { bytes } = await json.encode(STYLE_WITH_EVERYTHING);
  const back = styleFromDocument(JSON.parse(new TextDecoder().decode(bytes)));
  expect(back.modules.eq.values).toEqual(STYLE_WITH_EVERYTHING.modules.eq.values);
  expect(back.modules.dynamics).toEqual(STYLE_WITH_EVERYTHING.modules.dynamics);
  expect(Object.keys(back.irs).sort()).toEqual(Object.keys(STYLE_WITH_EVERYTHING.irs).sort());
});
