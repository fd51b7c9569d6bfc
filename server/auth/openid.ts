/**
 * Signing in at a provider of identity (OpenID Connect), where the configuration names one: authorization code with PKCE, state and
 * nonce. Source: OpenID Connect Core 1.0, section 3.1; RFC 9700, section 2.1.
 */
import * as oauth from 'oauth4webapi';
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';
import { answered, ask } from './challenges.ts';

export interface ProviderPlace {
  /** https://..., as its documents call it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** On the button. */
  readonly name: string;
}

/** Who somebody is, as the provider says. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
}

const LOCAL = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/;
/** ms. A provider that is silent for longer is as good as away. */
const PATIENCE_MS = 10_000;

export function createOpenId(place: ProviderPlace, queries: Queries, nowMs: () => number) {
  const client: oauth.Client = { client_id: place.clientId };
  const authenticate = oauth.ClientSecretBasic(place.clientSecret);
  const options = () => ({ signal: () => AbortSignal.timeout(PATIENCE_MS), ...(LOCAL.test(place.issuer) ? { [oauth.allowInsecureRequests]: true } : {}) });
  let server: Promise<oauth.AuthorizationServer> | undefined;

  async function discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(place.issuer);
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options()));
  }
  /** @throws AppError 'account/provider' */
  const provider = (): Promise<oauth.AuthorizationServer> =>
    (server ??= discover().catch((cause: unknown) => {
      server = undefined;
      throw new AppError('account/provider', { name: place.name }, { cause });
    }));

  return {
    name: place.name,

    /** @returns where the browser is to go, and what it has to bring back. @throws AppError 'account/provider' */
    async start(redirectUri: string): Promise<{ readonly address: string; readonly state: string }> {
      const { authorization_endpoint } = await provider();
      if (!authorization_endpoint) throw new AppError('account/provider', { name: place.name });
      const [verifier, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomNonce()];
      const state = await ask(queries, 'oidc', null, { verifier, nonce }, nowMs());
      const address = new URL(authorization_endpoint);
      const asked = {
        client_id: place.clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid email', state, nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
      return { address: address.href, state };
    },

    /**
     * Who has come back.
     * @param state what this very browser was given at the start
     * @throws AppError 'account/provider' for whatever does not fit together
     */
    async finish(address: URL, state: string | undefined, redirectUri: string): Promise<Identity> {
      const failed = (cause?: unknown): AppError => new AppError('account/provider', { name: place.name }, { cause });
      const asked = state === undefined ? null : await answered(queries, 'oidc', state, nowMs());
      if (!asked || state === undefined) throw failed();
      const { verifier = '', nonce = '' } = asked.detail;
      const server = await provider();
      try {
        const parameters = oauth.validateAuthResponse(server, client, address, state);
        const answer = await oauth.authorizationCodeGrantRequest(server, client, authenticate, parameters, redirectUri, verifier, options());
        const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
        // Over TLS from the provider itself (OpenID Connect Core, 3.1.3.7); the signature is checked all the same.
        await oauth.validateApplicationLevelSignature(server, answer, options());
        const claims = oauth.getValidatedIdTokenClaims(tokens)!;
        const { email, email_verified } = claims;
        if (typeof email !== 'string' || email_verified === false) throw failed();
        return { issuer: claims.iss, subject: claims.sub, email };
      } catch (thrown) {
        throw thrown instanceof AppError ? thrown : failed(thrown);
      }
    },
  };
}

export type OpenId = ReturnType<typeof createOpenId>;
