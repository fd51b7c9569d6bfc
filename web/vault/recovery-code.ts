/**
 * Secrets as text that a person can print, read out and type: 130 bits in 32 letters, eight groups of four.
 *
 * Letters and digits are Crockford's Base32 (https://www.crockford.com/base32.html): no I, L, O or U; what looks alike is read as the
 * same. The last six are the checksum of BIP-173 with the constant of BIP-350: up to four wrong letters are always noticed, and
 * anything else but once in 2^30.
 */
import { AppError } from '../../shared/errors.ts';

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SECRET_LETTERS = 26;
const CHECK_LETTERS = 6;
const GROUP = 4;
export const CODE_LETTERS = SECRET_LETTERS + CHECK_LETTERS;

/** BIP-173. */
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
/** BIP-350. */
const CONSTANT = 0x2bc830a3;

function polymod(values: readonly number[]): number {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((generator, bit) => {
      if ((top >> bit) & 1) check ^= generator;
    });
  }
  return check;
}

/** What it is for is part of the checksum, so that a code for one thing is not taken for another. */
export type CodePurpose = 'recovery' | 'pairing';
const prefixOf = (purpose: CodePurpose): number[] => [...purpose].map((letter) => letter.charCodeAt(0) & 31);

/** Grouped: `ABCD-EFGH-...` */
const grouped = (letters: string): string => letters.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-');

/** @param values numbers from 0 to 31, `SECRET_LETTERS` of them */
function codeOf(values: readonly number[], purpose: CodePurpose): string {
  const check = polymod([...prefixOf(purpose), ...values, 0, 0, 0, 0, 0, 0]) ^ CONSTANT;
  const checks = Array.from({ length: CHECK_LETTERS }, (_, i) => (check >>> (5 * (CHECK_LETTERS - 1 - i))) & 31);
  return grouped([...values, ...checks].map((value) => LETTERS[value]).join(''));
}

/** A fresh secret of 130 bits. */
export const newCode = (purpose: CodePurpose): string => codeOf(Array.from(crypto.getRandomValues(new Uint8Array(SECRET_LETTERS)), (byte) => byte & 31), purpose);

/** As it is written, without what people add or mistake. */
export const tidyCode = (typed: string): string =>
  typed.normalize('NFKC').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1').replace(/[^0-9A-Z]/g, '');

/**
 * What a person typed, as it was printed.
 * @throws AppError 'vault/code-typo' where letters are missing, too many or wrong
 */
export function readCode(typed: string, purpose: CodePurpose): string {
  const tidy = tidyCode(typed);
  const values = [...tidy].map((letter) => LETTERS.indexOf(letter));
  if (values.length !== CODE_LETTERS || values.includes(-1) || polymod([...prefixOf(purpose), ...values]) !== CONSTANT) throw new AppError('vault/code-typo');
  return grouped(tidy);
}

/** 32 bytes that stand for a code: its letters, without the hyphens, through HKDF-SHA256. */
export async function secretOfCode(code: string, purpose: CodePurpose): Promise<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', text.encode(tidyCode(readCode(code, purpose))), 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: text.encode(`tonetwin ${purpose} code 1`) }, key, 256));
}
