// @vitest-environment happy-dom
import { render } from 'solid-js/web';
import { afterEach, expect, test } from 'vitest';
import { Confidence } from '../../../web/components/confidence.tsx';
import { createI18n, I18nProvider } from '../../../web/i18n/i18n.tsx';

afterEach(() => document.body.replaceChildren());

test.each([
  [0.05, 'Not very sure, 5', 1],
  [0.62, 'Fairly sure, 62', 2],
  [0.91, 'Very sure, 91', 3],
  [1, 'Very sure, 100', 3],
] as const)('a confidence of %d reads "%s %%" with %i bars', (value, words, bars) => {
  const dispose = render(
    () => (
      <I18nProvider i18n={createI18n('en')}>
        <Confidence value={value} />
      </I18nProvider>
    ),
    document.body,
  );
  expect(document.body.textContent).toContain(words);
  expect(document.querySelectorAll('.lit')).toHaveLength(bars);
  dispose();
});
