/**
 * A provider of identity for tests. It is none to trust: whoever comes is signed in as the person that the test has set, without a
 * question. What it does check is what a real one would of its clients: the client and its secret, the redirect address, PKCE, and
 * that a code is used once. Source: OpenID Connect Core 1.0, section 3.1; OpenID Connect Discovery 1.0; RFC 7636.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface Person {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who signs in next. */
  person: Person;
  /** Claims that its tokens are to have instead of the right ones. */
  claims: Readonly<Record<string, unknown>>;
  /** Signs with a key that it does not publish. */
  isForging: boolean;
  close(): Promise<void>;
}

export async function startOidcProvider(): Promise<OidcProvider> {
  const [own, other] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'test', alg: 'RS256', use: 'sig' };
  const codes = new Map<string, { readonly redirect: string; readonly challenge: string; readonly nonce: string; readonly person: Person }>();
  const server = createServer((request, response) => void answer(request, response).catch(() => response.writeHead(500).end()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: OidcProvider = {
    issuer, clientId: 'tonetwin-test', clientSecret: randomBytes(16).toString('hex'), person: { sub: 'nobody' }, claims: {}, isForging: false,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  const json = (response: ServerResponse, body: unknown, status = 200): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request) text += String(part);
    const form = new URLSearchParams(text);
    // Each part is encoded as in a form first (RFC 6749, section 2.3.1).
    const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString().split(':').map(decodeURIComponent);
    if (given[0] !== provider.clientId || given[1] !== provider.clientSecret) return json(response, { error: 'invalid_client' }, 401);
    const code = form.get('code') ?? '';
    const asked = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (!asked || asked.redirect !== form.get('redirect_uri') || asked.challenge !== challenge) return json(response, { error: 'invalid_grant' }, 400);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: provider.clientId, iat: now, exp: now + 300, nonce: asked.nonce, ...asked.person, ...provider.claims };
    const signed = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'test' }).sign(provider.isForging ? other.privateKey : own.privateKey);
    return json(response, { access_token: randomBytes(16).toString('hex'), token_type: 'Bearer', expires_in: 300, id_token: signed });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', issuer);
    switch (address.pathname) {
      case '/.well-known/openid-configuration':
        return json(response, {
          issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`, response_types_supported: ['code'],
          subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'],
        });
      case '/keys':
        return json(response, { keys: [jwk] });
      case '/authorize': {
        const query = address.searchParams;
        if (query.get('client_id') !== provider.clientId || query.get('response_type') !== 'code' || query.get('code_challenge_method') !== 'S256') return json(response, { error: 'invalid_request' }, 400);
        const [redirect, code] = [query.get('redirect_uri') ?? '', randomBytes(16).toString('hex')];
        codes.set(code, { redirect, challenge: query.get('code_challenge') ?? '', nonce: query.get('nonce') ?? '', person: provider.person });
        const back = new URL(redirect);
        back.searchParams.set('code', code);
        back.searchParams.set('state', query.get('state') ?? '');
        return void response.writeHead(303, { location: back.href }).end();
      }
      case '/token':
        return token(request, response);
      default:
        return json(response, { error: 'not_found' }, 404);
    }
  }
  return provider;
}
