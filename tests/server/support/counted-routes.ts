/** Routes that count tries: what each counts, as the database calls it, and for whom. */
export interface CountedRoute {
  readonly route: string;
  readonly key: string;
  readonly whose: 'address' | 'email' | 'user' | 'personal';
  /** Asked without a token, from a page of our own. */
  readonly isGuest: boolean;
}

const counted = (route: string, key: string, whose: CountedRoute['whose'], who: 'guest' | 'account' = 'account'): CountedRoute => ({ route, key, whose, isGuest: who === 'guest' });

export const COUNTED_ROUTES: readonly CountedRoute[] = [
  counted('POST /auth/register', 'register', 'address', 'guest'),
  counted('POST /auth/login', 'login', 'address', 'guest'),
  counted('POST /auth/login', 'login', 'email', 'guest'),
  counted('POST /auth/password', 'confirm', 'user'),
  counted('POST /auth/password', 'login', 'address'),
  counted('DELETE /auth/account', 'confirm', 'user'),
  counted('DELETE /auth/account', 'login', 'address'),
  counted('POST /auth/passkey-login/options', 'passkey', 'address', 'guest'),
  counted('POST /auth/passkey-login', 'passkey', 'address', 'guest'),
  counted('GET /auth/provider', 'provider', 'address', 'guest'),
  counted('GET /shares/{slug}', 'share', 'address', 'guest'),
  counted('POST /workspaces/{id}/invitations', 'invite', 'user'),
  counted('POST /jobs', 'jobs', 'personal'),
  counted('POST /webhooks/{id}/test', 'webhook', 'personal'),
  counted('POST /webhooks/{id}/deliveries/{delivery_id}/retry', 'webhook', 'personal'),
  counted('POST /files/upload', 'speech upload', 'user'),
  counted('POST /files/upload', 'guest', 'address', 'guest'),
  counted('POST /embeddings/generate', 'speech print', 'user'),
  counted('POST /voices/preview', 'speech preview', 'user'),
  counted('POST /voices', 'speech clone', 'user'),
  counted('GET /voices/{id}/sample', 'speech sample', 'address'),
  counted('POST /tts/generate', 'speech speak', 'user'),
];
