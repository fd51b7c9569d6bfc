import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languageOf } from '../../server/share/words.ts';
import { rasterize } from '../../server/share/rasterize.ts';
import { PICTURE, stylePicture } from '../../shared/style-picture.ts';
import { neutralStyle } from '../../shared/style.ts';
import { styleFromDocument, styleToDocument } from '../../shared/style-document.ts';
import { STYLE_WITH_EVERYTHING } from '../support/styles.ts';
import { type ApiCaller, openApiCaller, type Somebody } from './support/api-caller.ts';

let caller: ApiCaller;
let ann: Somebody;
beforeAll(async () => {
  caller = await openApiCaller();
  ann = await caller.somebody();
}, 120_000);
afterAll(() => caller.close());

const DOCUMENT = JSON.parse(JSON.stringify(styleToDocument(STYLE_WITH_EVERYTHING))) as unknown;
const PERSON = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', accept: 'text/html,*/*', host: 'tonetwin.example' };

async function aLink(name: string, style_params: unknown = DOCUMENT) {
  const { json } = await ann.call('POST', '/presets', { name, style_params });
  const { json: { slug } } = await ann.call('POST', `/presets/${json['id'] as string}/share`);
  const views = async (): Promise<number> => (await ann.call('GET', `/presets/${json['id'] as string}/shares`)).json['shares'][0].views as number;
  return { id: json['id'] as string, slug: slug as string, views };
}
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') => caller.app.request(path, { method, headers: { ...PERSON, ...headers } });

describe('the page of a link', () => {
  test('names the preset, says what it does, and shows other sites a picture of it', async () => {
    const { slug } = await aLink('Warm tape');
    const answer = await get(`/p/${slug}`);
    const page = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
    expect(page).toContain('<h1>Warm tape</h1>');
    expect(page).toContain('<meta property="og:title" content="Warm tape">');
    expect(page).toContain(`<meta property="og:image" content="https://tonetwin.example/p/${slug}/card.png">`);
    expect(page).toContain('<dd>High pass at 35\u00a0Hz, +3.0\u00a0dB at 120\u00a0Hz, \u22124.0\u00a0dB at 2.5\u00a0kHz, +2.5\u00a0dB at 5\u00a0kHz.');
    expect(page).toContain('Brought to \u221212.0\u00a0LUFS.');
    expect(page).toContain(`href="/open/${slug}"`);
  });

  test('speaks the language that is asked for', async () => {
    const { slug } = await aLink('Two languages');
    const page = await (await get(`/p/${slug}`, { 'accept-language': 'zh-TW,zh;q=0.9,en;q=0.8' })).text();
    expect(page).toContain('<html lang="zh-CN">');
    expect(page).toContain('在 Tonetwin 中打开');
    expect(page).toContain('调整到 \u221212.0\u00a0LUFS。');
  });

  test('runs no script and has no style of its own, so that the policy needs no exception', async () => {
    const { slug } = await aLink('Strict');
    const answer = await get(`/p/${slug}`);
    expect(await answer.text()).not.toMatch(/<script|<style|\sstyle=|\son\w+=/i);
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe-inline');
    const sheet = await get('/p/share.css');
    expect([sheet.status, sheet.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  });

  test('shows a name as text, whatever it is', async () => {
    const { slug } = await aLink('"><script>alert(1)</script>');
    const page = await (await get(`/p/${slug}`)).text();
    expect(page).not.toContain('<script');
    expect(page).toContain('<h1>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</h1>');
  });

  test('takes no address from a forged Host', async () => {
    const { slug } = await aLink('Host');
    expect(await (await get(`/p/${slug}`, { host: 'evil.example/"><script>' })).text()).toContain(`content="https://localhost/p/${slug}"`);
  });

  test('answers data to who asks for data: what was shared, as it was then', async () => {
    const { id, slug } = await aLink('Data');
    await ann.call('PUT', `/presets/${id}`, { name: 'Changed later' });
    const answer = await get(`/p/${slug}`, { accept: 'application/json' });
    const json = (await answer.json()) as Record<string, unknown>;
    expect(json).toMatchObject({ name: 'Data', slug, url: `/p/${slug}`, version: 1 });
    expect(styleFromDocument(json['style_params'])).toEqual(styleFromDocument(DOCUMENT));
    expect((await caller.call('GET', `/shares/${slug}`)).json).toEqual(json);
  });

  test('of a style that changes nothing says so', async () => {
    const { slug } = await aLink('Nothing', JSON.parse(JSON.stringify(styleToDocument(neutralStyle('0'.repeat(64), 'B')))));
    expect(await (await get(`/p/${slug}`)).text()).toContain('It changes nothing.');
  });

  test('that did not change is not sent again', async () => {
    const { slug } = await aLink('Cached');
    const tag = (await get(`/p/${slug}`)).headers.get('etag')!;
    expect((await get(`/p/${slug}`, { 'if-none-match': tag })).status).toBe(304);
  });
});

describe('views', () => {
  test('are counted of people, and of neither programs nor questions for the head nor pictures nor data', async () => {
    const { slug, views } = await aLink('Counted');
    for (const agent of ['Googlebot/2.1', 'facebookexternalhit/1.1', 'Slackbot-LinkExpanding 1.0', 'curl/8.0', '']) await get(`/p/${slug}`, { 'user-agent': agent });
    await get(`/p/${slug}`, {}, 'HEAD');
    await get(`/p/${slug}`, { 'sec-purpose': 'prefetch' });
    await get(`/p/${slug}/card.svg`);
    await get(`/p/${slug}`, { accept: 'application/json' });
    expect(await views()).toBe(0);
    await get(`/p/${slug}`);
    await get(`/p/${slug}`);
    expect(await views()).toBe(2);
  });
});

describe('a link that is taken back', () => {
  test('is a page that says so, and shows neither preset nor picture', async () => {
    const { slug } = await aLink('Secret sound');
    await get(`/p/${slug}/card.png`);
    await ann.call('DELETE', `/shares/${slug}`);
    const answer = await get(`/p/${slug}`);
    const page = await answer.text();
    expect(answer.status).toBe(410);
    expect(page).toContain('This link was taken back');
    expect(page).not.toContain('Secret sound');
    expect((await get(`/p/${slug}/card.png`)).status).toBe(410);
    expect(await (await get(`/p/${slug}`, { accept: 'application/json' })).json()).toMatchObject({ code: 'GONE', detail: { reason: 'share/revoked' } });
  });

  test('and one that never was are told apart, but for slugs that cannot be', async () => {
    for (const slug of ['AAAAAAAAAAAAAA', 'x', "' OR 1=1 --", '%00']) {
      const answer = await get(`/p/${encodeURIComponent(slug)}`);
      expect([slug, answer.status]).toEqual([slug, 404]);
      expect(await answer.text()).toContain('There is no such link');
    }
  });
});

describe('the picture', () => {
  test('is a PNG of the size that previews have, which other sites may show', async () => {
    const { slug } = await aLink('Pictured');
    const answer = await get(`/p/${slug}/card.png`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([answer.headers.get('content-type'), answer.headers.get('cross-origin-resource-policy')]).toEqual(['image/png', 'cross-origin']);
    expect([bytes.subarray(1, 4).toString(), bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual(['PNG', PICTURE.width, PICTURE.height]);
  });

  test('is drawn from the style: another style is another picture, the same one the same', async () => {
    const louder = structuredClone(STYLE_WITH_EVERYTHING);
    louder.modules.eq.values.bands[0]!.gainDb = -6;
    const [one, same, other] = [stylePicture(STYLE_WITH_EVERYTHING), stylePicture(structuredClone(STYLE_WITH_EVERYTHING)), stylePicture(louder)];
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    expect(Buffer.from(await rasterize(one)).equals(Buffer.from(await rasterize(other)))).toBe(false);
  });
});

test('one address may not ask without end', async () => {
  const { slug } = await aLink('Flooded');
  caller.address = '198.51.100.200';
  let last = 200;
  for (let i = 0; i < 241; i += 1) last = (await get(`/p/${slug}/card.svg`)).status;
  expect(last).toBe(429);
});

test.each([
  [undefined, 'en'],
  ['de, fr;q=0.8', 'en'],
  ['zh-CN', 'zh-CN'],
  ['de, en;q=0.3, zh;q=0.7', 'zh-CN'],
  ['en-GB,zh;q=0.9', 'en'],
  ['zh;q=0, en;q=0.1', 'en'],
  ['zho;q=x,,;', 'en'],
])('Accept-Language %s is answered in %s', (header, language) => {
  expect(languageOf(header)).toBe(language);
});
