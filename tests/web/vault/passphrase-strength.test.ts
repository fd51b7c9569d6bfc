import { expect, test } from 'vitest';
import { strengthOf } from '../../../web/vault/passphrase-strength.ts';

test.each([
  ['', 'weak'], ['password', 'weak'], ['password123', 'weak'], ['Tr0ub4dor', 'weak'], ['aaaaaaaaaaaaaaaaaaaa', 'weak'], ['1234567890123', 'weak'],
  ['boats boats boats boats boats', 'weak'], ['one two three', 'weak'],
  ['four boats in fog', 'fair'], ['seven small boats in thick fog', 'good'], ['a lamp burns in every single window tonight', 'strong'],
  ['xK9$vQ2!pLw7#Zr4', 'strong'], ['雾中有七只小船漂着', 'strong'], ['雾中小船', 'weak'],
] as const)('"%s" is %s', (passphrase, strength) => {
  expect(strengthOf(passphrase)).toBe(strength);
});
