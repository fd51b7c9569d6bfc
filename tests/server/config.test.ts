import { expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';

test('without a word from outside it listens on port 8787 of this machine', () => {
  expect(readConfig({})).toEqual({ port: 8787, host: '127.0.0.1' });
  expect(readConfig({ PORT: '' })).toEqual({ port: 8787, host: '127.0.0.1' });
});

test('PORT and HOST override', () => {
  expect(readConfig({ PORT: '65535', HOST: '0.0.0.0', PATH: '/bin' })).toEqual({ port: 65535, host: '0.0.0.0' });
});

test.each([
  ['0', 'The configuration value PORT is wrong: "0" is outside 1 to 65535.'],
  ['65536', 'The configuration value PORT is wrong: "65536" is outside 1 to 65535.'],
  ['80.5', 'The configuration value PORT is wrong: "80.5" is not a whole number.'],
  ['web', 'The configuration value PORT is wrong: "web" is not a number.'],
])('PORT=%s is refused with a sentence', (port, sentence) => {
  expect(() => readConfig({ PORT: port })).toThrow(sentence);
});
