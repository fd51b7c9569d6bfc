/**
 * Headers of tar archives, so that a backup can be looked into without this program.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; sizes of 8 GiB and more in base 256, as GNU tar and libarchive write them.
 */

export const BLOCK_BYTES = 512;

export interface Entry {
  /** With `/` between folders, none at the ends. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Bytes; 0 of a folder. */
  readonly size: number;
  /** s since 1970. */
  readonly modifiedSeconds: number;
}

const [NAME_BYTES, PREFIX_BYTES] = [100, 155];
const MOST_OCTAL = 8 ** 11 - 1;
const [FILE, FOLDER] = ['0', '5'];
/** Places of the fields. */
const AT = { mode: 100, uid: 108, gid: 116, size: 124, modified: 136, checksum: 148, kind: 156, magic: 257, prefix: 345 } as const;

/** What follows a file up to the next whole block, bytes. */
export const padding = (size: number): number => (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;

/** Unsigned sum of a header's bytes, its own field counted as spaces. */
function checksum(block: Uint8Array): number {
  let sum = 0;
  for (const [at, byte] of block.entries()) sum += at >= AT.checksum && at < AT.checksum + 8 ? 0x20 : byte;
  return sum;
}

/** @returns the folders that do not fit into the name, and the rest */
function parted(name: string): [prefix: string, name: string] | null {
  if (Buffer.byteLength(name) <= NAME_BYTES) return ['', name];
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const [before, behind] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(behind) <= NAME_BYTES && Buffer.byteLength(before) <= PREFIX_BYTES) return [before, behind];
  }
  return null;
}

/** @returns one block, or null for a name that is too long */
export function headerOf({ name, kind, size, modifiedSeconds }: Entry): Buffer | null {
  const names = parted(kind === 'folder' ? `${name}/` : name);
  if (names === null) return null;
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, at: number, bytes: number): void => void block.write(`${value.toString(8).padStart(bytes - 1, '0')}\0`, at, 'latin1');
  block.write(names[1], 0);
  octal(kind === 'folder' ? 0o700 : 0o600, AT.mode, 8);
  octal(0, AT.uid, 8);
  octal(0, AT.gid, 8);
  if (size <= MOST_OCTAL) octal(size, AT.size, 12);
  else {
    block[AT.size] = 0x80;
    block.writeBigUInt64BE(BigInt(size), AT.size + 4);
  }
  octal(Math.max(0, Math.floor(modifiedSeconds)), AT.modified, 12);
  block.write(kind === 'folder' ? FOLDER : FILE, AT.kind, 'latin1');
  block.write('ustar\0' + '00', AT.magic, 'latin1');
  block.write(names[0], AT.prefix);
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, AT.checksum, 'latin1');
  return block;
}

const text = (block: Buffer, at: number, bytes: number): string => block.subarray(at, at + bytes).toString('utf8').split('\0', 1)[0]!;

function number(block: Buffer, at: number, bytes: number): number {
  if (block[at] === 0x80) return Number(block.readBigUInt64BE(at + bytes - 8));
  const octal = text(block, at, bytes).trim();
  return /^[0-7]+$/.test(octal) ? Number.parseInt(octal, 8) : Number.NaN;
}

/** @returns the entry; 'end' for a block of zeros; null for what is no header, or not of a file or folder */
export function readHeader(block: Buffer): Entry | 'end' | null {
  if (block.length === BLOCK_BYTES && block.every((byte) => byte === 0)) return 'end';
  if (block.length < BLOCK_BYTES || number(block, AT.checksum, 8) !== checksum(block) || text(block, AT.magic, 6) !== 'ustar') return null;
  const [prefix, name, size, modifiedSeconds] = [text(block, AT.prefix, PREFIX_BYTES), text(block, 0, NAME_BYTES), number(block, AT.size, 12), number(block, AT.modified, 12)];
  const kind = ({ [FILE]: 'file', [FOLDER]: 'folder' } as const)[text(block, AT.kind, 1)];
  if (kind === undefined || !Number.isSafeInteger(size) || !Number.isSafeInteger(modifiedSeconds) || (kind === 'folder' && size > 0)) return null;
  return { name: (prefix === '' ? name : `${prefix}/${name}`).replace(/\/$/, ''), kind, size, modifiedSeconds };
}
