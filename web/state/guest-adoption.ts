/**
 * What the guest of this browser made goes along with who signs in: here, in another tab, or on the way back from a provider of identity,
 * where the page begins anew. That there may be something is kept until the server has taken it over.
 */
import { createEffect, createSignal } from 'solid-js';
import type { Accessor } from 'solid-js';

const STORED_AS = 'tonetwin.speech-guest';

export interface AdoptionParts {
  readonly status: Accessor<'unknown' | 'absent' | 'out' | 'in' | undefined>;
  /** Whoever is signed in; empty: nobody. */
  readonly id: Accessor<string>;
  /** The voice studio is in use on this page. */
  readonly isUsed: Accessor<boolean>;
  readonly adopt: () => Promise<unknown>;
  readonly memory: { getItem(name: string): string | null; setItem(name: string, value: string): void; removeItem(name: string): void };
}

/** @returns whose things lists show: changes once what was the guest's is there */
export function createGuestAdoption({ status, id, isUsed, adopt, memory }: AdoptionParts): Accessor<string> {
  const [whose, setWhose] = createSignal('');
  createEffect(() => {
    if (status() === 'out' && isUsed()) memory.setItem(STORED_AS, 'yes');
  });
  createEffect(() => {
    const [now, who] = [status(), id()];
    if (now !== 'in' || memory.getItem(STORED_AS) === null) return void setWhose(who);
    void adopt().then(
      () => memory.removeItem(STORED_AS),
      // Tried again with the next sign-in or page.
      () => undefined,
    ).finally(() => {
      if (status() === 'in' && id() === who) setWhose(who);
    });
  });
  return whose;
}
