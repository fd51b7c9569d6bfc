/** Both sides of handing the vault key to a new device, over the server. */
import * as contract from '../../../shared/api/vault.ts';
import { AppError, toAppError } from '../../../shared/errors.ts';
import type { ApiClient } from '../../api/client.ts';
import { answerTo, newPairingCode, openAnswered, type PairingAnswer, pairingIdOf, sealForAnswer } from '../../vault/pairing.ts';
import type { Pairing } from './contract.ts';

const LOOK_MS = 1500;

export interface DevicePairingParts {
  readonly api: Pick<ApiClient, 'call'>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export function createDevicePairing({ api, sleep }: DevicePairingParts) {
  /** Until `found` finds something. @throws AppError 'server/not-found' when its time is over, 'job/cancelled' */
  async function awaited<T>(id: string, signal: AbortSignal, found: (pairing: contract.Pairing) => T | null): Promise<T> {
    for (;;) {
      try {
        const answer = found(await api.call(contract.getPairing, { params: { id }, signal }));
        if (answer !== null) return answer;
      } catch (thrown) {
        // A moment without a network is no reason to begin anew.
        if (toAppError(thrown).code !== 'network/unavailable') throw thrown;
      }
      await sleep(LOOK_MS, signal);
    }
  }

  return {
    /** On the device that has the key. @param vaultKey  asked for when it is sent */
    async start(vaultKey: () => Uint8Array<ArrayBuffer>): Promise<Pairing> {
      const { code, id } = await newPairingCode();
      const { expires_at } = await api.call(contract.openPairing, { params: { id } });
      let answer: PairingAnswer | null = null;
      return {
        code,
        expiresMs: Date.parse(expires_at),
        async answered(signal) {
          answer = await awaited(id, signal, (pairing) => pairing.answer);
          return answer.device;
        },
        async confirm() {
          if (!answer) throw new AppError('server/not-found');
          await api.call(contract.completePairing, { params: { id }, body: { sealed: await sealForAnswer(code, answer, vaultKey()) } });
        },
        end: () => api.call(contract.endPairing, { params: { id } }).catch(() => undefined),
      };
    },

    /** On the new device. @returns the vault key */
    async join(code: string, device: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
      const id = await pairingIdOf(code);
      const answering = await answerTo(code, device);
      await api.call(contract.answerPairing, { params: { id }, body: answering.answer, signal });
      const vaultKey = await openAnswered(code, answering, await awaited(id, signal, ({ sealed }) => sealed));
      await api.call(contract.endPairing, { params: { id } }).catch(() => undefined);
      return vaultKey;
    },
  };
}
