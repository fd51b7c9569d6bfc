/**
 * An authenticator made of software, for tests: what a security key does, with the same messages. It keeps its keys in memory and
 * takes everybody for its owner. Source: W3C Web Authentication, level 3, sections 6.1 and 6.5; RFC 8949 (CBOR); RFC 9053 (ES256).
 */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

type Cbor = number | string | Uint8Array | Map<number | string, Cbor>;

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.of((major << 5) | length);
  return length < 256 ? Buffer.of((major << 5) | 24, length) : Buffer.of((major << 5) | 25, length >> 8, length & 255);
}
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, inner]) => [cbor(key), cbor(inner)])]);
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const url = (data: Uint8Array): string => Buffer.from(data).toString('base64url');

export interface Asked {
  readonly challenge: string;
  readonly origin: string;
  /** False: whoever touched it was not recognised. */
  readonly isVerified?: boolean;
}

interface Kept {
  readonly id: Buffer;
  readonly key: KeyObject;
  readonly userHandle: string;
  counter: number;
}

export function createSoftwareAuthenticator() {
  const kept: Kept[] = [];
  const clientData = (type: string, { challenge, origin }: Asked): Buffer => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const flags = (isVerified: boolean, hasKey: boolean): number => 0x01 | (isVerified ? 0x04 : 0) | (hasKey ? 0x40 : 0);
  function authenticatorData(origin: string, bits: number, counter: number, rest = Buffer.alloc(0)): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(new URL(origin).hostname), Buffer.of(bits), count, rest]);
  }
  return {
    /** Makes a passkey. @param userId as the options have it, base64url */
    create(asked: Asked, userId: string) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const one: Kept = { id: randomBytes(32), key: privateKey, userHandle: userId, counter: 0 };
      kept.push(one);
      const cose = cbor(new Map<number, Cbor>([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]]));
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.of(one.id.length >> 8, one.id.length & 255), one.id, cose]);
      const data = authenticatorData(asked.origin, flags(asked.isVerified ?? true, true), 0, attested);
      const attestationObject = cbor(new Map<string, Cbor>([['fmt', 'none'], ['attStmt', new Map()], ['authData', data]]));
      return {
        id: url(one.id), rawId: url(one.id), type: 'public-key' as const, clientExtensionResults: {},
        response: { clientDataJSON: url(clientData('webauthn.create', asked)), attestationObject: url(attestationObject), transports: ['internal'] },
      };
    },
    /** Signs in with the passkey made last, or another. */
    get(asked: Asked, which = kept.length - 1) {
      const one = kept[which]!;
      one.counter += 1;
      const client = clientData('webauthn.get', asked);
      const data = authenticatorData(asked.origin, flags(asked.isVerified ?? true, false), one.counter);
      const signature = createSign('sha256').update(Buffer.concat([data, sha256(client)])).sign(one.key);
      return {
        id: url(one.id), rawId: url(one.id), type: 'public-key' as const, clientExtensionResults: {},
        response: { clientDataJSON: url(client), authenticatorData: url(data), signature: url(signature), userHandle: one.userHandle },
      };
    },
  };
}
