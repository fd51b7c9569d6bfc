// @vitest-environment happy-dom
import { render } from 'solid-js/web';
import { afterEach, expect, test } from 'vitest';
import { UpdateToast } from '../../../web/components/update-toast.tsx';
import { createI18n, I18nProvider } from '../../../web/i18n/i18n.tsx';
import { ProductProvider } from '../../../web/state/product.tsx';
import { createFakeService } from '../support/fake-service.ts';

let dispose: (() => void) | undefined;
afterEach(() => {
  dispose?.();
  document.body.replaceChildren();
});

function show(updateAvailable: boolean, apply: () => void = () => undefined) {
  const service = createFakeService({ stepMs: 60_000 });
  dispose = render(
    () => (
      <I18nProvider i18n={createI18n('en')}>
        <ProductProvider service={service}>
          <UpdateToast offer={{ updateAvailable, apply }} />
        </ProductProvider>
      </I18nProvider>
    ),
    document.body,
  );
  const button = (name: string) => [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name);
  return { service, button };
}

test('nothing is shown while there is no new version', () => {
  expect(show(false).button('Update now')).toBeUndefined();
});

test('a new version is offered and taken only when a person says so', () => {
  let applied = 0;
  const { button } = show(true, () => applied++);
  expect(applied).toBe(0);
  button('Update now')?.click();
  expect(applied).toBe(1);
});

test('while a job runs the update waits, and says so', async () => {
  const { service, button } = show(true);
  const { reference, target } = await service.loadDemo();
  const job = await service.startMatch(reference.id, target.id, { mode: 'B', pitch: false, ceilingDbtp: -1, residualFir: false });
  expect(button('Update now')?.disabled).toBe(true);
  expect(document.body.textContent).toContain('The update waits until the running job is finished.');
  await service.cancelJob(job.id);
  expect(button('Update now')?.disabled).toBe(false);
});

test('the offer can be put off', () => {
  const { button } = show(true);
  button('Later')?.click();
  expect(button('Update now')).toBeUndefined();
});
