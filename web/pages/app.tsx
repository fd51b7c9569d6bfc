/** The whole page: providers, the one route, what floats above it. */
import { Route, Router } from '@solidjs/router';
import type { JSX } from 'solid-js';
import type { TonetwinService } from '../jobs/contract.ts';
import { AppHeader } from '../components/app-header.tsx';
import { UpdateToast } from '../components/update-toast.tsx';
import { I18nProvider } from '../i18n/i18n.tsx';
import { createAppearance } from '../state/appearance.ts';
import { createConnection } from '../state/connection.ts';
import { ProductProvider } from '../state/product.tsx';
import { createUpdateOffer } from '../state/update.ts';
import type { UpdateSource } from '../state/update.ts';
import '../theme.css';
import { Studio } from './studio.tsx';

/**
 * The product's page.
 *
 * @param props.service  recordings, jobs, results and presets
 * @param props.updates  tells of a waiting version; without it none is ever offered
 */
export function App(props: { service: TonetwinService; updates?: UpdateSource }): JSX.Element {
  const { appearance, setAppearance } = createAppearance(localStorage);
  const connection = createConnection();
  const offer = createUpdateOffer(props.updates);
  return (
    <I18nProvider>
      <ProductProvider service={props.service}>
        <AppHeader appearance={appearance()} onAppearance={setAppearance} online={connection.online()} offlineReady={connection.offlineReady()} installed={connection.installed} />
        <Router>
          <Route path="*" component={Studio} />
        </Router>
        <UpdateToast offer={offer()} />
      </ProductProvider>
    </I18nProvider>
  );
}
