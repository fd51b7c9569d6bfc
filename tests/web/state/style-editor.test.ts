import { createRoot } from 'solid-js';
import { expect, test } from 'vitest';
import { equalizer } from '../../../shared/params/equalizer.ts';
import { CHAIN_ORDER } from '../../../shared/style.ts';
import { createStyleEditor } from '../../../web/state/style-editor.ts';
import { fakeStyle } from '../support/fake-features.ts';

const editing = (work: (editor: ReturnType<typeof createStyleEditor>, style: ReturnType<typeof fakeStyle>) => void) =>
  createRoot((dispose) => {
    const style = fakeStyle();
    work(createStyleEditor(style), style);
    dispose();
  });

test('an untouched editor gives back the style it began with', () =>
  editing((editor, style) => {
    expect(editor.isDirty()).toBe(false);
    expect(editor.style()).toEqual(style);
  }));

test('a value set by a person is marked as theirs; the style it began with stays as it was', () =>
  editing((editor, style) => {
    editor.setValue('limiter', 'tpDb', -2);
    expect(editor.isDirty()).toBe(true);
    expect(editor.style().modules.limiter).toMatchObject({ status: 'manual', values: { tpDb: -2 }, reason: { code: 'module/by-hand' } });
    expect(style.modules.limiter.values.tpDb).toBe(-1);
    editor.setBandValue('eq', 1, 'gainDb', 3);
    expect(editor.style().modules.eq.values.bands[1]).toMatchObject({ gainDb: 3, fHz: 280 });
  }));

test('intensity and on or off change no value and do not claim to be by hand', () =>
  editing((editor) => {
    editor.setModuleIntensity('eq', 0.4);
    editor.setEnabled('stereo', false);
    expect(editor.style().modules.eq).toMatchObject({ intensity: 0.4, status: 'estimated' });
    expect(editor.style().modules.stereo).toMatchObject({ enabled: false, status: 'estimated' });
  }));

test('a module that had nothing to do starts with the values of its schema', () =>
  editing((editor) => {
    editor.setEnabled('exciter', true);
    expect(editor.style().modules.exciter).toMatchObject({ enabled: true, status: 'manual', values: { amount: 0.25, driveDb: 12 } });
  }));

test('bands are added up to the number of the schema and removed by place', () =>
  editing((editor) => {
    for (let i = 0; i < 12; i++) editor.addBand('eq');
    expect(editor.style().modules.eq.values.bands).toHaveLength(equalizer.bands.max);
    editor.removeBand('eq', 0);
    expect(editor.style().modules.eq.values.bands[0]).toMatchObject({ fHz: 280 });
    expect(editor.style().modules.eq.intervals).toEqual({});
  }));

test('reset brings every module back to the estimate', () =>
  editing((editor, style) => {
    for (const name of CHAIN_ORDER) editor.setModuleIntensity(name, 0.1);
    editor.addBand('dynamics');
    editor.setIntensity(0.2);
    editor.reset(style);
    expect(editor.style()).toEqual(style);
    expect(editor.isDirty()).toBe(false);
  }));
