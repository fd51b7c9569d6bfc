/**
 * The page that helps a phone to trust the authority. It is served without encryption, because nothing can be trusted before,
 * and so it holds nothing but the public certificate, how to install it, and a fingerprint to compare.
 */
import { Hono } from 'hono';
import { type KeyedCertificate, fingerprint } from './authority.ts';
import { en, filled, type Words, zh } from './words.ts';

export interface TrustPageFacts {
  readonly authority: KeyedCertificate;
  /** Of the authority, as the phone lists it. */
  readonly name: string;
  readonly httpsPort: number;
  /** Hosts this machine answers to, the likeliest first. Asked for each time: networks change. */
  readonly hosts: () => readonly string[];
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const AUTHORITY_FILE = '/tonetwin-authority.crt';
/** Answers, on the trusted side, that it is reached; other pages may ask. */
export const TRUSTED_ADDRESS = '/trusted';

// Phones too old for newer CSS come here first of all.
const STYLE = `:root{color-scheme:light dark;font-family:system-ui,-apple-system,'PingFang SC','Noto Sans CJK SC',sans-serif;line-height:1.5;--canvas:#f4f5f7;--ink:#171a21;--quiet:#4a5261;--line:#d5dae2;--card:#fff;--sunken:#eff1f4;--accent:#1b5fd0;--on:#fff;--good:#0b6e4f}
@media (prefers-color-scheme:dark){:root{--canvas:#0e1014;--ink:#edeff3;--quiet:#b3bac7;--line:#343a46;--card:#16191f;--sunken:#1d2128;--accent:#6aa6ff;--on:#0a1426;--good:#52d0a0}}
body{margin:0;background:var(--canvas);color:var(--ink)}main{max-width:560px;margin:0 auto;padding:20px 18px 48px}
header{display:flex;justify-content:space-between;align-items:baseline;gap:12px}h1{font-size:24px;line-height:1.2;margin:8px 0}h2{font-size:17px;margin:0 0 8px}h3{font-size:15px;margin:14px 0 4px}p{margin:8px 0;color:var(--quiet)}
section{background:var(--card);border:1px solid var(--line);border-radius:16px;padding:16px 18px;margin-top:14px}ol{margin:0;padding-inline-start:22px}li{margin:6px 0}
a{color:var(--accent)}header a{white-space:nowrap}a.button{display:block;padding:13px 18px;border-radius:12px;background:var(--accent);color:var(--on);text-align:center;text-decoration:none;font-weight:600}
code{display:block;font-size:12px;overflow-wrap:anywhere;padding:10px;border-radius:8px;background:var(--sunken)}summary{font-weight:600;padding:10px 0;min-height:24px;cursor:pointer}
#state{font-weight:600}#state.trusted{color:var(--good)}`;

/** Asks the trusted side until it answers; a browser lets it through only once it trusts the certificate. */
const SCRIPT = `const state=document.getElementById('state');
async function ask(){try{await fetch(state.dataset.ask,{mode:'no-cors',cache:'no-store'});state.textContent=state.dataset.trusted;state.className='trusted'}catch{setTimeout(ask,2000)}}
ask();`;

function page(words: Words, language: 'en' | 'zh-CN', host: string, { authority, name, httpsPort }: TrustPageFacts, userAgent: string): string {
  const say = (sentence: string): string => escaped(filled(sentence, { name }));
  const address = `https://${host}:${httpsPort}`;
  const isAndroid = /android/i.test(userAgent);
  const steps = (title: string, list: readonly string[], isOpen: boolean, note = ''): string =>
    `<details${isOpen ? ' open' : ''}><summary>${say(title)}</summary><ol>${list.map((step) => `<li>${say(step)}</li>`).join('')}</ol>${note ? `<p>${say(note)}</p>` : ''}</details>`;
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${say(words.title)}</title><link rel="stylesheet" href="/trust.css"></head><body><main>
<header><h1>${say(words.title)}</h1><a href="/?lang=${language === 'en' ? 'zh' : 'en'}" lang="${language === 'en' ? 'zh-CN' : 'en'}">${say(words.other)}</a></header>
<p>${say(words.intro)}</p>
<section><h2>${say(words.step1)}</h2><a class="button" href="${AUTHORITY_FILE}" download="tonetwin-authority.crt">${say(words.download)}</a><p>${say(words.compare)}</p><code>${fingerprint(authority)}</code></section>
<section><h2>${say(words.step2)}</h2>${steps(words.ios, words.iosSteps, !isAndroid)}${steps(words.android, words.androidSteps, isAndroid, words.androidNote)}</section>
<section><h2>${say(words.step3)}</h2><p id="state" role="status" data-ask="${address}${TRUSTED_ADDRESS}" data-trusted="${say(words.trusted)}">${say(words.waiting)}</p><a class="button" href="${address}/">${say(words.open)}</a><p>${say(words.install)}</p><p>${say(words.remove)}</p></section>
</main><script src="/trust.js"></script></body></html>`;
}

export function createTrustPage(facts: TrustPageFacts): Hono {
  const app = new Hono();
  app.use('*', async (c, next) => {
    await next();
    c.res.headers.set('Content-Security-Policy', "default-src 'none'; style-src 'self'; script-src 'self'; connect-src https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    c.res.headers.set('X-Content-Type-Options', 'nosniff');
    c.res.headers.set('Referrer-Policy', 'no-referrer');
    c.res.headers.set('Cache-Control', 'no-store');
  });
  app.get('/', (c) => {
    const asked = c.req.query('lang') ?? c.req.header('accept-language') ?? '';
    const [words, language] = /^\s*zh/i.test(asked) ? ([zh, 'zh-CN'] as const) : ([en, 'en'] as const);
    // The name it was reached by is the one to go on with; a name that is not ours is not repeated.
    const given = (c.req.header('host') ?? '').replace(/:\d+$/, '');
    const hosts = facts.hosts();
    return c.html(page(words, language, hosts.includes(given) ? given : (hosts[0] ?? 'localhost'), facts, c.req.header('user-agent') ?? ''));
  });
  // The type that makes iOS offer the profile and Android the certificate.
  app.get(AUTHORITY_FILE, (c) => c.body(facts.authority.certificatePem, 200, { 'Content-Type': 'application/x-x509-ca-cert' }));
  app.get('/trust.css', (c) => c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/trust.js', (c) => c.body(SCRIPT, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));
  app.notFound((c) => c.redirect('/', 302));
  return app;
}
