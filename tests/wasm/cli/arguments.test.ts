import { expect, test } from 'vitest';
import { type Parameters, parseArguments } from '../../../wasm/cli/arguments.ts';

const PARAMETERS: Parameters = {
  positional: { name: 'FILE', help: '' },
  options: {
    out: { value: 'FILE', help: '', isRequired: true },
    ceiling: { value: 'DB', help: '', range: [-24, 0] },
    mode: { value: 'A|B', help: '', choices: ['A', 'B'] },
    pitch: { help: '' },
  },
};

const wrong = (...words: string[]): string => {
  try {
    parseArguments(words, PARAMETERS);
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'cli/usage' });
    return (thrown as Error).message;
  }
  return 'nothing';
};

test('values may begin with a dash, be joined by =, and stand in any order', () => {
  const values = parseArguments(['--ceiling', '-1.5', 'in.wav', '--out=-', '--pitch'], PARAMETERS);
  expect([values.positional, values.required('out'), values.number('ceiling', 0), values.has('pitch'), values.text('mode')]).toEqual(['in.wav', '-', -1.5, true, null]);
});

test('each mistake is named in one sentence', () => {
  expect(wrong('in.wav')).toBe('--out FILE is missing. Try --help.');
  expect(wrong('--out', 'o')).toBe('FILE is missing. Try --help.');
  expect(wrong('in', 'more', '--out', 'o')).toBe('more is one thing too many. Try --help.');
  expect(wrong('in', '--out')).toBe('--out needs a value: FILE.');
  expect(wrong('in', '--out', 'o', '--ceiling', '3')).toBe('--ceiling is a number from -24 to 0, not 3.');
  expect(wrong('in', '--out', 'o', '--ceiling', 'loud')).toBe('--ceiling is a number from -24 to 0, not loud.');
  expect(wrong('in', '--out', 'o', '--mode', 'C')).toBe('--mode is one of A, B, not C.');
  expect(wrong('in', '--out', 'o', '--pitch=1')).toBe('--pitch takes no value.');
  expect(wrong('in', '--volume', '3')).toBe('There is no option --volume. Try --help.');
});
