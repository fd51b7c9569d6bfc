/** Passwords: kept as Argon2id hashes, checked a few at a time. */
import { hash, verify } from '@node-rs/argon2';

/** OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19 * 1024;
const PASSES = 2;
/** So many at once: each takes its 19 MiB and a core for some 30 ms. */
const AT_ONCE = 4;
/** More than this waiting means an attack, not people. */
const MOST_WAITING = 256;

export interface Passwords {
  /** @throws Error 'busy' when too many wait */
  hash(password: string): Promise<string>;
  /** Takes as long for an account that does not exist (`stored` null), so that time tells nobody which do. */
  matches(stored: string | null, password: string): Promise<boolean>;
}

export class PasswordsBusy extends Error {}

export function createPasswords(): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];
  const decoy = once(() => hash('nobody has this password', { memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: 1 }));

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) {
      if (waiting.length >= MOST_WAITING) throw new PasswordsBusy('busy');
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  }

  return {
    hash: (password) => inTurn(() => hash(password.normalize('NFC'), { memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: 1 })),
    matches: (stored, password) =>
      inTurn(async () => {
        const isRight = await verify(stored ?? (await decoy()), password.normalize('NFC'));
        return stored !== null && isRight;
      }),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
