/** The page that a link shows: works without a script, in both languages, light and dark. */
import { html } from 'hono/html';
import { CHAIN_ORDER, type Style } from '../../shared/style.ts';
import { moduleSummary, type SummaryInput } from '../../shared/style-summary.ts';
import { PICTURE } from '../../shared/style-picture.ts';
import type { SummaryLanguage } from '../../shared/summary-texts.ts';
import { summaryVoice } from '../../shared/summary-voice.ts';
import { SHARE_WORDS, type ShareWords } from './words.ts';

export const SHEET_ADDRESS = '/p/share.css';
/** Sentences in the description that other sites show; they cut it at about as many. */
const DESCRIBED = 3;

export interface SharePage {
  readonly name: string;
  readonly style: Style;
  readonly slug: string;
  /** https://..., without a slash at the end. */
  readonly origin: string;
  readonly language: SummaryLanguage;
  /** Whether search engines may list it. */
  readonly isListed: boolean;
}

type Markup = ReturnType<typeof html>;

/** What each module that is on does, in the order of the chain. */
function deeds(style: Style, language: SummaryLanguage): { readonly module: string; readonly text: string }[] {
  const voice = summaryVoice(language);
  return CHAIN_ORDER.filter((name) => style.modules[name].enabled).map((name) => ({
    module: voice.t(`module.${name}`),
    text: moduleSummary({ name, values: style.modules[name].values } as SummaryInput, style.irs, voice),
  }));
}

const document = (language: SummaryLanguage, title: string, head: Markup | '', body: Markup): Markup => html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/icons/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${SHEET_ADDRESS}">
${head}
</head>
<body>
<header><a class="brand" href="/"><img src="/icons/favicon.svg" width="30" height="30" alt="">Tonetwin</a></header>
${body}
</body>
</html>
`;

export function sharePage({ name, style, slug, origin, language, isListed }: SharePage): Markup {
  const words = SHARE_WORDS[language];
  const done = deeds(style, language);
  const description = done.slice(0, DESCRIBED).map(({ text }) => text).join(words.separator) || words.nothing;
  const address = `${origin}/p/${slug}`;
  const head = html`<meta name="description" content="${description}">
${isListed ? '' : html`<meta name="robots" content="noindex">`}
<link rel="canonical" href="${address}">
<meta property="og:type" content="website">
<meta property="og:site_name" content="Tonetwin">
<meta property="og:title" content="${name}">
<meta property="og:description" content="${description}">
<meta property="og:url" content="${address}">
<meta property="og:locale" content="${language.replace('-', '_')}">
<meta property="og:image" content="${address}/card.png">
<meta property="og:image:type" content="image/png">
<meta property="og:image:width" content="${PICTURE.width}">
<meta property="og:image:height" content="${PICTURE.height}">
<meta property="og:image:alt" content="${words.picture}">
<meta name="twitter:card" content="summary_large_image">`;
  const list = html`<h2>${words.does}</h2>
<dl>${done.map(({ module, text }) => html`<div><dt>${module}</dt><dd>${text}</dd></div>`)}</dl>`;
  return document(language, `${name} · Tonetwin`, head, html`<main>
<p class="from">${words.from}</p>
<h1>${name}</h1>
<img class="picture" src="/p/${slug}/card.svg" width="${PICTURE.width}" height="${PICTURE.height}" alt="${words.picture}">
<p class="go"><a class="button" href="/open/${slug}">${words.open}</a><span class="quiet">${words.free}</span></p>
<section>${done.length > 0 ? list : html`<p>${words.nothing}</p>`}</section>
<section class="about"><h2>${words.about}</h2><p>${words.aboutText}</p></section>
</main>`);
}

/** Where there is no preset (any more). */
export function noSharePage(language: SummaryLanguage, reason: 'revoked' | 'unknown'): Markup {
  const words: ShareWords = SHARE_WORDS[language];
  return document(language, `${words[reason]} · Tonetwin`, html`<meta name="robots" content="noindex">`, html`<main class="gone">
<h1>${words[reason]}</h1>
<p>${words[`${reason}Text`]}</p>
<p class="go"><a class="button" href="/">${words.home}</a></p>
</main>`);
}
