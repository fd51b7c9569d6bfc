/** What the page of a link says around the preset, in the languages of the app. */
import type { SummaryLanguage } from '../../shared/summary-texts.ts';

export interface ShareWords {
  readonly from: string;
  readonly open: string;
  readonly free: string;
  readonly does: string;
  readonly nothing: string;
  readonly picture: string;
  readonly about: string;
  readonly aboutText: string;
  readonly revoked: string;
  readonly revokedText: string;
  readonly unknown: string;
  readonly unknownText: string;
  readonly home: string;
  readonly separator: string;
}

export const SHARE_WORDS: Readonly<Record<SummaryLanguage, ShareWords>> = {
  en: {
    from: 'A sound to apply to your own recording',
    open: 'Open in Tonetwin',
    free: 'Free, in your browser, without an account. Your recording is not uploaded.',
    does: 'What it does',
    nothing: 'It changes nothing.',
    picture: 'Curve of the preset over the spectrum',
    about: 'What is Tonetwin?',
    aboutText: 'It makes your recording sound like one you like: it measures both, finds the settings between them and applies them. A preset such as this one is what it finds.',
    revoked: 'This link was taken back',
    revokedText: 'Whoever shared this preset does not share it any more.',
    unknown: 'There is no such link',
    unknownText: 'Perhaps a letter of it is missing. Ask for it again.',
    home: 'Go to Tonetwin',
    separator: ' ',
  },
  'zh-CN': {
    from: '可用于你自己录音的音色',
    open: '在 Tonetwin 中打开',
    free: '免费，在浏览器中运行，无需账户。你的录音不会上传。',
    does: '它做什么',
    nothing: '它不做任何改变。',
    picture: '预设的频响曲线',
    about: 'Tonetwin 是什么？',
    aboutText: '它让你的录音听起来像你喜欢的那一段：测量两者，找出其间的设置，并应用到你的录音上。这样的预设就是它找到的结果。',
    revoked: '此链接已被撤回',
    revokedText: '分享者已不再分享这个预设。',
    unknown: '没有这个链接',
    unknownText: '也许少了一个字符，请再索取一次。',
    home: '前往 Tonetwin',
    separator: '',
  },
};

/** The one that is asked for first of those there are; English where none is. Source: RFC 9110, section 12.5.4. */
export function languageOf(acceptLanguage: string | undefined): SummaryLanguage {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...rest] = part.trim().split(/\s*;\s*/);
      const quality = Number(rest.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
      return { tag, quality: Number.isFinite(quality) ? quality : 0 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  const first = wanted.find(({ tag }) => /^(en|zh)\b/i.test(tag));
  return first && /^zh\b/i.test(first.tag) ? 'zh-CN' : 'en';
}
