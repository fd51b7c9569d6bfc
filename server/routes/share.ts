/** What a link shows to whoever has it: a page, its picture, or the preset as data. Nobody has to be signed in. */
import { readFileSync } from 'node:fs';
import type { Context, Hono } from 'hono';
import { etag } from 'hono/etag';
import { AppError } from '../../shared/errors.ts';
import * as contract from '../../shared/api/presets.ts';
import { stylePicture } from '../../shared/style-picture.ts';
import { styleFromDocument } from '../../shared/style-document.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import type { Queries } from '../database/open-database.ts';
import { noSharePage, SHEET_ADDRESS, sharePage } from '../share/page.ts';
import { createPictures } from '../share/pictures.ts';
import { countView, findShare, type SharedPreset } from '../share/shares.ts';
import { languageOf } from '../share/words.ts';
import type { Entrance } from './entrance.ts';
import type { Mount, MountParts } from './mount.ts';

export interface ShareParts {
  readonly queries: Queries;
  readonly nowMs: () => number;
  readonly addressOf: MountParts['addressOf'];
  readonly entrance: Pick<Entrance, 'originOf'>;
}

/** Pages and pictures that one address may ask for. */
const LIMIT: Limit = { tries: 240, window: 60 };
const SHEET = readFileSync(new URL('../share/share.css', import.meta.url), 'utf8');
/** Programs that fetch what people see: for previews, for search, for themselves. */
const PROGRAMS = /bot|crawl|spider|preview|facebookexternalhit|slack|whatsapp|telegram|discord|embed|curl|wget|python|http-client|headless-fetch/i;
/** A slug; whatever else is asked for is not there, and no query is made for it. */
const SLUG = /^[\w-]{8,40}$/;

const wantsData = (accept: string | undefined): boolean => accept !== undefined && accept.includes('application/json') && !accept.includes('text/html');

/** Somebody who looks at the page: no program, no browser that fetches ahead, no question for the head alone. */
function isSeen(context: Context): boolean {
  const agent = context.req.header('user-agent') ?? '';
  const purpose = context.req.header('sec-purpose') ?? context.req.header('purpose') ?? '';
  return context.req.method === 'GET' && agent !== '' && !PROGRAMS.test(agent) && !purpose.includes('prefetch');
}

const answerOf = ({ slug, name, style, version, createdAt }: SharedPreset) => ({
  slug, url: `/p/${slug}`, name, version, style_params: style as unknown as Record<string, unknown>, created_at: createdAt.toISOString(),
});

export function mountShare(app: Hono, mount: Mount, { queries, nowMs, addressOf, entrance }: ShareParts): void {
  const pictures = createPictures();

  /** @throws AppError 'server/not-found', 'share/revoked', 'account/too-many-tries' */
  async function found(slug: string, address: string): Promise<SharedPreset> {
    await countTry(queries, `share ${address}`, LIMIT, nowMs());
    const share = SLUG.test(slug) ? await findShare(queries, slug) : null;
    if (!share) throw new AppError('server/not-found');
    if (share === 'revoked') throw new AppError('share/revoked');
    return share;
  }

  mount.on(contract.openShare, async ({ params, address }) => answerOf(await found(params.slug, address)));

  app.get(SHEET_ADDRESS, (context) => {
    context.header('Cache-Control', 'public, max-age=3600');
    return context.body(SHEET, 200, { 'Content-Type': 'text/css; charset=utf-8' });
  });
  app.use('/p/*', etag());

  app.get('/p/:slug', async (context) => {
    const slug = context.req.param('slug');
    const language = languageOf(context.req.header('accept-language'));
    context.header('Vary', 'Accept, Accept-Language');
    const isData = wantsData(context.req.header('accept'));
    try {
      const share = await found(slug, addressOf(context));
      if (isData) return context.json(contract.openShare.answer.parse(answerOf(share)));
      if (isSeen(context)) await countView(queries, slug);
      return await context.html(sharePage({ name: share.name, style: styleFromDocument(share.style), slug, origin: entrance.originOf(context), language, isListed: share.isPublic }));
    } catch (thrown) {
      const reason = thrown instanceof AppError ? ({ 'server/not-found': 'unknown', 'share/revoked': 'revoked' } as const)[thrown.code as 'server/not-found'] : undefined;
      if (isData || !reason) throw thrown;
      return context.html(noSharePage(language, reason), reason === 'unknown' ? 404 : 410);
    }
  });

  for (const kind of ['svg', 'png'] as const) {
    app.get(`/p/:slug/card.${kind}`, async (context) => {
      const share = await found(context.req.param('slug'), addressOf(context));
      const picture = await pictures.of(share.slug, kind, () => stylePicture(styleFromDocument(share.style)));
      // A link that is taken back is seen no longer than this.
      context.header('Cache-Control', 'public, max-age=300');
      // Other sites show it.
      context.header('Cross-Origin-Resource-Policy', 'cross-origin');
      return context.body(picture, 200, { 'Content-Type': kind === 'svg' ? 'image/svg+xml' : 'image/png' });
    });
  }
}
