import { expect, test } from 'vitest';
import { toBase64Url, utf8 } from '../../../web/vault/base64url.ts';
import { type BoxKeys, hpkeOpen, hpkeSeal, newBoxKeys } from '../../../web/vault/hpke.ts';

const fromHex = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

async function keysOf(secret: string, point: string): Promise<BoxKeys> {
  const publicKey = fromHex(point);
  const [x, y] = [publicKey.slice(1, 33), publicKey.slice(33)].map(toBase64Url);
  const jwk = { kty: 'EC', crv: 'P-256', d: toBase64Url(fromHex(secret)), x: x!, y: y! };
  return { publicKey, privateKey: await crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']) };
}

const info = fromHex('4f6465206f6e2061204772656369616e2055726e');
const aad = fromHex('436f756e742d30');
const message = fromHex('4265617574792069732074727574682c20747275746820626561757479');

test.each([
  {
    name: 'A.3.1, Base', psk: undefined,
    ephemeral: ['4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb', '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4'],
    recipient: ['f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2', '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0'],
    sealed: '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
  },
  {
    name: 'A.3.2, PSK',
    psk: { secret: fromHex('0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82'), id: fromHex('456e6e796e20447572696e206172616e204d6f726961') },
    ephemeral: ['57427244f6cc016cddf1c19c8973b4060aa13579b4c067fd5d93a5d74e32a90f', '04305d35563527bce037773d79a13deabed0e8e7cde61eecee403496959e89e4d0ca701726696d1485137ccb5341b3c1c7aaee90a4a02449725e744b1193b53b5f'],
    recipient: ['438d8bcef33b89e0e9ae5eb0957c353c25a94584b0dd59c991372a75b43cb661', '040d97419ae99f13007a93996648b2674e5260a8ebd2b822e84899cd52d87446ea394ca76223b76639eccdf00e1967db10ade37db4e7db476261fcc8df97c5ffd1'],
    sealed: '90c4deb5b75318530194e4bb62f890b019b1397bbf9d0d6eb918890e1fb2be1ac2603193b60a49c2126b75d0eb',
  },
] as const)('seals and opens as RFC 9180 has it: $name', async ({ psk, ephemeral, recipient, sealed }) => {
  const [own, to] = [await keysOf(ephemeral[0], ephemeral[1]), await keysOf(recipient[0], recipient[1])];
  const context = { info, aad, keyBits: 128, ...(psk ? { psk } : {}) } as const;
  const made = await hpkeSeal(to.publicKey, message, context, own);
  expect(toHex(made)).toBe(ephemeral[1] + sealed);
  expect(toHex(await hpkeOpen(to, made, context))).toBe(toHex(message));
});

test('only the holder of the private key opens it, whole, and about what it was sealed about', async () => {
  const [to, other] = [await newBoxKeys(), await newBoxKeys()];
  const psk = { secret: crypto.getRandomValues(new Uint8Array(32)), id: utf8('one') };
  const sealed = await hpkeSeal(to.publicKey, message, { info, psk });
  expect(toHex(await hpkeOpen(to, sealed, { info, psk }))).toBe(toHex(message));
  expect(toHex(await hpkeSeal(to.publicKey, message, { info, psk }))).not.toBe(toHex(sealed));
  const flipped = sealed.slice();
  flipped[70]! ^= 1;
  for (const opening of [
    () => hpkeOpen(other, sealed, { info, psk }), () => hpkeOpen(to, flipped, { info, psk }), () => hpkeOpen(to, sealed.slice(0, 40), { info, psk }),
    () => hpkeOpen(to, sealed, { info: utf8('another matter'), psk }), () => hpkeOpen(to, sealed, { info }), () => hpkeOpen(to, sealed, { info, psk: { ...psk, secret: new Uint8Array(32) } }),
  ]) await expect(opening()).rejects.toMatchObject({ code: 'vault/damaged' });
});
