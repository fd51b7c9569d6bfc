/** The browser's own dialogs for passkeys, and what the server asks and is answered. */
import { browserSupportsWebAuthn, startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser';
import { AppError } from '../../shared/errors.ts';
import { addPasskey, askPasskey, askPasskeyLogin, passkeyLogin } from '../../shared/api/passkeys.ts';
import type { ApiClient, SignedIn } from './client.ts';

type RegistrationOptions = Parameters<typeof startRegistration>[0]['optionsJSON'];
type AuthenticationOptions = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** They belong to a name: a page that is opened by an IP address has none. Source: W3C Web Authentication, level 3, section 5.1.3. */
export const canUsePasskeys = (hostname = location.hostname): boolean => browserSupportsWebAuthn() && !/^[\d.]+$|:/.test(hostname);

/** A dialog that was closed, or that nobody answered, is no failure of anything. */
function asOurs(thrown: unknown): never {
  if (thrown instanceof WebAuthnError && thrown.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') throw new AppError('account/passkey-known', {}, { cause: thrown });
  const name = thrown instanceof Error ? ((thrown.cause as Error | undefined)?.name ?? thrown.name) : '';
  if (name === 'NotAllowedError' || name === 'AbortError') throw new AppError('account/passkey-stopped', {}, { cause: thrown });
  throw new AppError('account/passkey', {}, { cause: thrown });
}

const plain = (value: object): { id: string; response: { clientDataJSON: string } } => value as never;

/** @throws AppError 'account/passkey-stopped', 'account/passkey-known', 'account/passkey' and what calls may fail with */
export async function createPasskey(client: ApiClient, name: string): Promise<void> {
  const optionsJSON = (await client.call(askPasskey)) as unknown as RegistrationOptions;
  const response = await startRegistration({ optionsJSON }).catch(asOurs);
  await client.call(addPasskey, { body: { name, response: plain(response) } });
}

/** @throws AppError 'account/passkey-stopped', 'account/passkey' and what calls may fail with */
export async function enterWithPasskey(client: ApiClient): Promise<SignedIn> {
  const optionsJSON = (await client.call(askPasskeyLogin)) as unknown as AuthenticationOptions;
  const response = await startAuthentication({ optionsJSON }).catch(asOurs);
  return client.signIn(passkeyLogin, { response: plain(response) });
}
