/**
 * A certificate authority for one computer: made once, trusted once by each phone, never for more than addresses of local
 * networks. Its key is readable by its owner only. The only folder that knows node-forge.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';
import { bytesOfAddress, LOCAL_NETWORKS } from './addresses.ts';

const { asn1, pki } = forge;

export interface KeyedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** What a certificate of the server vouches for. */
export interface ServerNames {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
}

const DAY_MS = 24 * 3600 * 1000;
/** A clock that is a little behind must not refuse what was just made. */
const BEFORE_MS = DAY_MS;
const AUTHORITY_DAYS = 3650;
/**
 * Apple trusts no certificate of a server for longer than 825 days (https://support.apple.com/en-us/103769), and for 398 where
 * its own list of authorities is used (https://support.apple.com/en-us/102028). Renewing is automatic, so it is a season.
 */
const SERVER_DAYS = 90;
const RENEW_DAYS = 30;

type Extension = Readonly<Record<string, unknown>>;

/** DNS names and address ranges the authority may vouch for; every other is refused by whoever checks (RFC 5280, 4.2.1.10). */
function nameConstraints(): Extension {
  const subtree = (tag: number, bytes: string): forge.asn1.Asn1 =>
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag as forge.asn1.Type, false, bytes)]);
  const [DNS_NAME, IP_ADDRESS] = [2, 7];
  const permitted = [
    ...['localhost', 'local'].map((name) => subtree(DNS_NAME, name)),
    ...LOCAL_NETWORKS.map(({ address, mask }) => subtree(IP_ADDRESS, String.fromCharCode(...bytesOfAddress(address), ...bytesOfAddress(mask)))),
  ];
  const value = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0 as forge.asn1.Type, true, permitted)]);
  return { id: '2.5.29.30', critical: true, value: asn1.toDer(value).getBytes() };
}

interface Wanted {
  readonly subject: string;
  readonly days: number;
  readonly nowMs: number;
  readonly extensions: readonly Extension[];
}

/** @param issuer null: it vouches for itself */
function makeCertificate({ subject, days, nowMs, extensions }: Wanted, issuer: KeyedCertificate | null): KeyedCertificate {
  const { privateKey: keyPem, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  const serial = randomBytes(16);
  // Positive, and without a leading zero that would be left out.
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  certificate.serialNumber = serial.toString('hex');
  certificate.validity.notBefore = new Date(nowMs - BEFORE_MS);
  certificate.validity.notAfter = new Date(nowMs + days * DAY_MS);
  certificate.setSubject([{ name: 'commonName', value: subject }, { name: 'organizationName', value: 'Tonetwin' }]);
  const parent = issuer && pki.certificateFromPem(issuer.certificatePem);
  certificate.setIssuer(parent ? parent.subject.attributes : certificate.subject.attributes);
  const authorityKey = (parent ?? certificate).generateSubjectKeyIdentifier().getBytes();
  certificate.setExtensions([...extensions, { name: 'subjectKeyIdentifier' }, { name: 'authorityKeyIdentifier', keyIdentifier: authorityKey }]);
  certificate.sign(pki.privateKeyFromPem(issuer?.keyPem ?? keyPem), forge.md.sha256.create());
  return { certificatePem: pki.certificateToPem(certificate), keyPem };
}

/** @param machine how a person tells it from others in a list of certificates */
export const makeAuthority = (machine: string, nowMs: number): KeyedCertificate =>
  makeCertificate(
    {
      subject: `Tonetwin on ${machine}`.slice(0, 64),
      days: AUTHORITY_DAYS,
      nowMs,
      extensions: [
        { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
        { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
        nameConstraints(),
      ],
    },
    null,
  );

export const makeServerCertificate = (authority: KeyedCertificate, names: ServerNames, nowMs: number): KeyedCertificate => {
  const [DNS_NAME, IP_ADDRESS] = [2, 7];
  return makeCertificate(
    {
      subject: 'Tonetwin',
      days: SERVER_DAYS,
      nowMs,
      extensions: [
        { name: 'basicConstraints', critical: true, cA: false },
        { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: [...names.dns.map((value) => ({ type: DNS_NAME, value })), ...names.ip.map((ip) => ({ type: IP_ADDRESS, ip }))] },
      ],
    },
    authority,
  );
};

/** A file that is whole or not there; the key for its owner's eyes alone. */
function writeSafely(path: string, text: string, mode: number): void {
  const fresh = `${path}.new`;
  writeFileSync(fresh, text, { mode });
  // The mode given is only for files that did not exist.
  chmodSync(fresh, mode);
  renameSync(fresh, path);
}

function read(folder: string, name: string): KeyedCertificate | null {
  try {
    const [certificatePem, keyPem] = [readFileSync(join(folder, `${name}.crt`), 'utf8'), readFileSync(join(folder, `${name}.key`), 'utf8')];
    // A key that others could read meanwhile is closed again.
    chmodSync(join(folder, `${name}.key`), 0o600);
    const certificate = new X509Certificate(certificatePem);
    const fits = certificate.checkPrivateKey(createPrivateKey(keyPem));
    return fits ? { certificatePem, keyPem } : null;
  } catch {
    return null;
  }
}

function keep(folder: string, name: string, { certificatePem, keyPem }: KeyedCertificate): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeSafely(join(folder, `${name}.key`), keyPem, 0o600);
  writeSafely(join(folder, `${name}.crt`), certificatePem, 0o644);
}

const daysLeft = ({ certificatePem }: KeyedCertificate, nowMs: number): number => (Date.parse(new X509Certificate(certificatePem).validTo) - nowMs) / DAY_MS;

/** The names in a certificate, as they are asked for. */
export function namesOf({ certificatePem }: KeyedCertificate): ServerNames {
  const parts = (new X509Certificate(certificatePem).subjectAltName ?? '').split(', ');
  const of = (prefix: string): string[] => parts.filter((part) => part.startsWith(prefix)).map((part) => part.slice(prefix.length)).sort();
  return { dns: of('DNS:'), ip: of('IP Address:') };
}

/** The authority of this data folder; made when there is none, or when it is about to end or damaged. */
export function openAuthority(folder: string, machine: string, nowMs: number): KeyedCertificate {
  const kept = read(folder, 'authority');
  if (kept && daysLeft(kept, nowMs) > SERVER_DAYS) return kept;
  const made = makeAuthority(machine, nowMs);
  keep(folder, 'authority', made);
  return made;
}

/** The server's certificate; made anew when its names changed, its end comes near, or another authority made it. */
export function openServerCertificate(folder: string, authority: KeyedCertificate, names: ServerNames, nowMs: number): KeyedCertificate {
  const kept = read(folder, 'server');
  const wanted: ServerNames = { dns: [...names.dns].sort(), ip: [...names.ip].sort() };
  if (kept && daysLeft(kept, nowMs) > RENEW_DAYS && JSON.stringify(namesOf(kept)) === JSON.stringify(wanted)) {
    const issuer = new X509Certificate(authority.certificatePem);
    if (new X509Certificate(kept.certificatePem).verify(issuer.publicKey)) return kept;
  }
  const made = makeServerCertificate(authority, names, nowMs);
  keep(folder, 'server', made);
  return made;
}

/** SHA-256 of the certificate in pairs, as phones show it. */
export const fingerprint = ({ certificatePem }: KeyedCertificate): string => new X509Certificate(certificatePem).fingerprint256;
