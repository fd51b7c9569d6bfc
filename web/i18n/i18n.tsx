/** The page's language: texts, sentences for codes, and numbers as a reader of that language writes them. */
import { createContext, createEffect, createSignal, useContext } from 'solid-js';
import type { Accessor, ParentProps } from 'solid-js';
import { ERRORS, fillSentence } from '../../shared/errors.ts';
import type { ErrorArgs, ErrorBody } from '../../shared/errors.ts';
import { NOTICES } from '../../shared/pcm.ts';
import type { Notice } from '../../shared/pcm.ts';
import { REASONS } from '../../shared/reasons.ts';
import type { Reason } from '../../shared/reasons.ts';
import { boundUnits as bound, writtenFixed, writtenHertz, writtenNumber } from '../../shared/summary-voice.ts';
import { en } from './en.ts';
import type { MessageKey } from './en.ts';
import { zhCn } from './zh-cn.ts';
import { ERRORS_ZH, NOTICES_ZH, REASONS_ZH } from './zh-cn-sentences.ts';

export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'zh-CN', name: '简体中文' },
] as const;
export type Language = (typeof LANGUAGES)[number]['code'];

const STORED_AS = 'tonetwin.language';
const MINUS = '\u2212';

const TEXTS: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = { en, 'zh-CN': zhCn };
const ERROR_SENTENCES: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: Object.fromEntries(Object.entries(ERRORS).map(([code, { message }]) => [code, message])),
  'zh-CN': ERRORS_ZH,
};
const NOTICE_SENTENCES: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en: NOTICES, 'zh-CN': NOTICES_ZH };
const REASON_SENTENCES: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en: REASONS, 'zh-CN': REASONS_ZH };

export interface I18n {
  readonly language: Accessor<Language>;
  setLanguage(language: Language): void;
  t(key: MessageKey, args?: ErrorArgs): string;
  error(body: Pick<ErrorBody, 'code' | 'args'>): string;
  notice(notice: Notice): string;
  reason(reason: Reason): string;
  /** A number with at most `digits` decimals; `signed` writes + too. */
  number(value: number, digits?: number, signed?: boolean): string;
  /** Bytes as kB, MB or GB. */
  size(bytes: number): string;
  /** 3:07, 1:02:03; for positions and lengths. */
  clock(seconds: number): string;
  /** A span of time in words. */
  span(seconds: number): string;
  /** A day, and the time of day where wanted. */
  date(ms: number, withTime?: boolean): string;
  /** How long ago, in words: today, 3 days ago. */
  ago(ms: number, nowMs: number): string;
  /** Hz or kHz, with the unit. */
  hertz(hz: number): string;
}

/** The language asked for before, else the browser's, else English. */
export function initialLanguage(storage: Pick<Storage, 'getItem'> | null, wanted: readonly string[]): Language {
  const stored = storage?.getItem(STORED_AS);
  const known = LANGUAGES.find(({ code }) => code === stored);
  if (known) return known.code;
  const first = wanted.find((tag) => /^(en|zh)\b/i.test(tag));
  return first !== undefined && /^zh\b/i.test(first) ? 'zh-CN' : 'en';
}

/** Everything the page says, in the language of `language()`. Reads are reactive. */
export function createI18n(initial: Language): I18n {
  const [language, setLanguage] = createSignal<Language>(initial);
  const fixed = (value: number, digits: number) => writtenFixed(language(), value, digits);
  const written = (args: ErrorArgs): ErrorArgs =>
    Object.fromEntries(
      Object.entries(args).map(([name, value]) => [
        name,
        typeof value === 'number' ? new Intl.NumberFormat(language(), { maximumFractionDigits: 2 }).format(value).replace('-', MINUS) : value,
      ]),
    );
  const sentence = (table: Readonly<Record<Language, Readonly<Record<string, string>>>>, code: string, args: ErrorArgs) =>
    bound(fillSentence(table[language()][code] ?? table.en[code] ?? code, written(args)));
  const t = (key: MessageKey, args: ErrorArgs = {}) => bound(fillSentence(TEXTS[language()][key], args));
  return {
    language,
    setLanguage,
    t,
    error: (body) => sentence(ERROR_SENTENCES, body.code, body.args),
    notice: (notice) => sentence(NOTICE_SENTENCES, notice.code, notice.args),
    reason: (reason) => sentence(REASON_SENTENCES, reason.code, reason.args),
    number: (value, digits = 1, signed = false) => writtenNumber(language(), value, digits, signed),
    size(bytes) {
      if (bytes >= 1e9) return `${fixed(bytes / 1e9, 1)} GB`;
      if (bytes >= 1e6) return `${fixed(bytes / 1e6, bytes < 1e7 ? 1 : 0)} MB`;
      return `${fixed(bytes / 1e3, 0)} kB`;
    },
    clock(seconds) {
      const whole = Math.max(0, Math.floor(seconds));
      const two = (n: number) => String(n).padStart(2, '0');
      const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
      return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
    },
    span(seconds) {
      const whole = Math.max(1, Math.round(seconds));
      if (whole >= 3600) return t('time.hours', { hours: Math.floor(whole / 3600), minutes: Math.round((whole % 3600) / 60) });
      if (whole >= 60) return t('time.minutes', { minutes: Math.floor(whole / 60), seconds: whole % 60 });
      return t('time.seconds', { count: whole });
    },
    date: (ms, withTime = false) => new Intl.DateTimeFormat(language(), { dateStyle: 'medium', ...(withTime ? { timeStyle: 'short' } : {}) }).format(ms),
    ago(ms, nowMs) {
      const hours = Math.round((ms - nowMs) / 3_600_000);
      const words = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
      if (hours > -1) return words.format(0, 'day');
      return hours > -24 ? words.format(hours, 'hour') : words.format(Math.round(hours / 24), 'day');
    },
    hertz: (hz) => writtenHertz(language(), hz, { hz: t('unit.Hz'), khz: t('unit.kHz') }),
  };
}

const I18nContext = createContext<I18n>();

/** Gives the page its language, remembers the choice and tells the document. */
export function I18nProvider(props: ParentProps<{ i18n?: I18n }>) {
  const storage = typeof localStorage === 'undefined' ? null : localStorage;
  const i18n = props.i18n ?? createI18n(initialLanguage(storage, navigator.languages));
  createEffect(() => {
    document.documentElement.lang = i18n.language();
    storage?.setItem(STORED_AS, i18n.language());
  });
  return <I18nContext.Provider value={i18n}>{props.children}</I18nContext.Provider>;
}

export function useI18n(): I18n {
  const i18n = useContext(I18nContext);
  if (!i18n) throw new Error('useI18n is used outside I18nProvider');
  return i18n;
}
