import { expect, test } from '@playwright/test';
import type { BrowserContext } from '@playwright/test';
import { neutralStyle } from '../../shared/style.ts';
import { styleToDocument } from '../../shared/style-document.ts';
import { PASSWORD, signUp } from './people.ts';
import { button, tryDemo } from './takes.ts';

/** What the policy stopped on the pages of a context, as the pages were told and as the browser says it. */
async function stoppedIn(context: BrowserContext): Promise<string[]> {
  const stopped: string[] = [];
  context.on('console', (message) => {
    if (/Content Security Policy|^stopped: /.test(message.text())) stopped.push(message.text());
  });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => console.error(`stopped: ${effectiveDirective} ${blockedURI}`));
  });
  return stopped;
}

test('no page breaks its own policy, and on none does a text become a script', async ({ page, context, request }) => {
  const stopped = await stoppedIn(context);
  await page.goto('/');
  // What it answers in the server's place is looked at too.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await tryDemo(page);
  const email = await signUp(page, 'policy');
  const { access_token } = (await (await request.post('/api/auth/login', { data: { email, password: PASSWORD } })).json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };
  const { id } = (await (await request.post('/api/presets', { headers, data: { name: 'Shown', style_params: styleToDocument(neutralStyle('0'.repeat(64), 'B')) } })).json()) as { id: string };
  const { url } = (await (await request.post(`/api/presets/${id}/share`, { headers })).json()) as { url: string };

  const pages = [
    ['/', button(page, 'Match')],
    ['/record', page.getByRole('heading', { level: 1 })],
    ['/library', page.locator('.entry').first()],
    ['/voices', page.getByRole('heading', { level: 1 })],
    ['/voices/new', page.getByRole('heading', { level: 1 })],
    ['/account', page.getByRole('heading', { name: email })],
    ['/backup', button(page, 'Create the vault')],
    [url.replace('/p/', '/open/'), page.getByText('is in your library')],
    [url, page.getByRole('heading', { name: 'Shown' })],
    ['/p/there-is-none', page.getByRole('heading', { name: 'There is no such link' })],
    ['/docs', page.locator('.opblock').first()],
    ['/nothing/here.png', page.getByText('NOT_FOUND')],
  ] as const;
  for (const [address, sign] of pages) {
    await page.goto(address);
    await expect(sign, address).toBeVisible();
    expect({ address, stopped }).toEqual({ address, stopped: [] });
    const ran = await page.evaluate(async () => {
      const reported: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => reported.push(effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'globalThis.intruded = "a script"';
      const frame = document.createElement('div');
      frame.innerHTML = '<img src="data:," onerror="globalThis.intruded = \'a handler\'">';
      document.documentElement.append(script, frame);
      for (let tries = 0; tries < 50 && reported.length < 2; tries += 1) await new Promise((done) => setTimeout(done, 20));
      return { intruded: (globalThis as { intruded?: string }).intruded, reported: reported.sort() };
    });
    expect({ address, ...ran }).toEqual({ address, intruded: undefined, reported: ['script-src-attr', 'script-src-elem'] });
    await expect.poll(() => stopped.length).toBeGreaterThanOrEqual(2);
    await page.goto('about:blank');
    stopped.length = 0;
  }
});
