/** What a link leads to: a copy of the preset in the library, offered for the next recording. No account is needed. */
import { A, useParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { createResource, Match, Show, Switch } from 'solid-js';
import { openShare } from '../../shared/api/presets.ts';
import { AppError, ERRORS, toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { stylePicture } from '../../shared/style-picture.ts';
import { styleFromDocument } from '../../shared/style-document.ts';
import { ErrorMessage } from '../components/message.tsx';
import { useI18n } from '../i18n/i18n.tsx';
import { useAccount } from '../state/account.tsx';
import { useProduct } from '../state/product.tsx';
import { studioAddress } from '../state/studio-address.ts';
import './open-link.css';

type Opened = { readonly id: string; readonly name: string; readonly picture: string } | { readonly error: ErrorBody };

export function OpenLink(): JSX.Element {
  const { t } = useI18n();
  const { service } = useProduct();
  const account = useAccount();
  const params = useParams<{ slug: string }>();
  const [opened, { refetch }] = createResource(
    () => params.slug,
    async (slug): Promise<Opened> => {
      try {
        if (!account) throw new AppError('network/unavailable');
        const { name, style_params } = await account.client.call(openShare, { params: { slug } });
        const style = styleFromDocument(style_params as Parameters<typeof styleFromDocument>[0]);
        const id = await service.library.savePreset({ name, style, from: null });
        return { id, name, picture: `data:image/svg+xml,${encodeURIComponent(stylePicture(style))}` };
      } catch (thrown) {
        return { error: toAppError(thrown).toBody() };
      }
    },
  );
  const done = () => {
    const now = opened();
    return now && 'id' in now ? now : undefined;
  };
  const failed = () => {
    const now = opened();
    return now && 'error' in now ? now : undefined;
  };
  return (
    <main class="open-link" id="tool">
      <Switch fallback={<p class="quiet" role="status">{t('open.loading')}</p>}>
        <Match when={done()}>
          {(preset) => (
            <div class="card open-card">
              <img class="open-picture" src={preset().picture} alt="" width={1200} height={630} />
              <div class="open-body">
                <h1>{t('open.title', { name: preset().name })}</h1>
                <p>{t('open.text')}</p>
                <div class="open-actions">
                  <A class="button primary large" href={studioAddress({ preset: preset().id })}>
                    {t('open.apply')}
                  </A>
                  <A class="button plain" href="/library">
                    {t('open.library')}
                  </A>
                </div>
              </div>
            </div>
          )}
        </Match>
        <Match when={failed()}>
          {(failure) => (
            <div class="card open-card open-body">
              <h1>{t('open.failed')}</h1>
              <ErrorMessage error={failure().error} />
              <div class="open-actions">
                <Show
                  when={ERRORS[failure().error.code].retryable}
                  fallback={
                    <A class="button" href="/">
                      {t('nav.studio')}
                    </A>
                  }
                >
                  <button class="button" type="button" onClick={() => void refetch()}>
                    {t('open.again')}
                  </button>
                </Show>
              </div>
            </div>
          )}
        </Match>
      </Switch>
    </main>
  );
}
