/** The whole page: providers, the routes, what stands above and floats over them. */
import { Route, Router } from '@solidjs/router';
import { lazy } from 'solid-js';
import type { JSX } from 'solid-js';
import type { ApiClient } from '../api/client.ts';
import type { TonetwinService } from '../jobs/contract.ts';
import type { SyncService } from '../jobs/sync/contract.ts';
import type { TakeService } from '../jobs/takes-contract.ts';
import type { VoiceStudio } from '../jobs/voices/voice-studio.ts';
import { AppHeader } from '../components/app-header.tsx';
import { ArrivalsDialog } from '../components/arrivals-dialog.tsx';
import { UndoToast } from '../components/undo-toast.tsx';
import { UpdateToast } from '../components/update-toast.tsx';
import { I18nProvider } from '../i18n/i18n.tsx';
import { AccountProvider } from '../state/account.tsx';
import { createAppearance } from '../state/appearance.ts';
import { BackupProvider } from '../state/backup.tsx';
import { createConnection } from '../state/connection.ts';
import { PresetSyncProvider } from '../state/preset-sync.tsx';
import { ProductProvider } from '../state/product.tsx';
import { RecorderProvider } from '../state/recorder.tsx';
import { createUpdateOffer } from '../state/update.ts';
import type { UpdateSource } from '../state/update.ts';
import { VoicesProvider } from '../state/voices.tsx';
import '../theme.css';
import { Record } from './record.tsx';
import { Studio } from './studio.tsx';

/** Not needed for the first look at the studio. */
const Account = lazy(async () => ({ default: (await import('./account.tsx')).Account }));
const Backup = lazy(async () => ({ default: (await import('./backup.tsx')).Backup }));
const OpenLink = lazy(async () => ({ default: (await import('./open-link.tsx')).OpenLink }));
const VoicesPage = lazy(async () => ({ default: (await import('./voices.tsx')).VoicesPage }));
const VoiceNewPage = lazy(async () => ({ default: (await import('./voice-new.tsx')).VoiceNewPage }));
const VoicePage = lazy(async () => ({ default: (await import('./voice.tsx')).VoicePage }));
const SpeakPage = lazy(async () => ({ default: (await import('./speak.tsx')).SpeakPage }));
const Library = lazy(async () => ({ default: (await import('./library.tsx')).Library }));

/**
 * The product's page.
 *
 * @param props.service  recordings, jobs, results and presets
 * @param props.takes    the recorder; without one there is no page to record on
 * @param props.api      the way to our server; without one nothing is said of accounts
 * @param props.voices   the voice studio; without it nothing is said of voices
 * @param props.sync     backs up; without it nothing is said of backups
 * @param props.updates  tells of a waiting version; without it none is ever offered
 */
export function App(props: { service: TonetwinService; takes?: TakeService | null; api?: ApiClient | null; sync?: SyncService | null; voices?: VoiceStudio | null; updates?: UpdateSource }): JSX.Element {
  const { appearance, setAppearance } = createAppearance(localStorage);
  const connection = createConnection();
  const offer = createUpdateOffer(props.updates);
  return (
    <I18nProvider>
      <AccountProvider client={props.api ?? null}>
        <ProductProvider service={props.service} takes={props.takes ?? null}>
          <PresetSyncProvider>
            <BackupProvider sync={props.sync ?? null}>
              <VoicesProvider studio={props.voices ?? null}>
                <RecorderProvider>
                  <Router
                    root={(page) => (
                      <>
                        <AppHeader appearance={appearance()} onAppearance={setAppearance} online={connection.online()} offlineReady={connection.offlineReady()} installed={connection.installed} />
                        {page.children}
                        <ArrivalsDialog />
                        <UndoToast />
                        <UpdateToast offer={offer()} />
                      </>
                    )}
                  >
                    <Route path="/record" component={Record} />
                    <Route path="/library" component={() => <Library installed={connection.installed} />} />
                    <Route path="/voices" component={VoicesPage} />
                    <Route path="/voices/new" component={VoiceNewPage} />
                    <Route path="/voices/:id" component={VoicePage} />
                    <Route path="/speak" component={SpeakPage} />
                    <Route path="/account" component={Account} />
                    <Route path="/backup" component={Backup} />
                    {/* The second is the server's own page; the app shows it where there is no network. */}
                    <Route path="/open/:slug" component={OpenLink} />
                    <Route path="/p/:slug" component={OpenLink} />
                    <Route path="*" component={Studio} />
                  </Router>
                </RecorderProvider>
              </VoicesProvider>
            </BackupProvider>
          </PresetSyncProvider>
        </ProductProvider>
      </AccountProvider>
    </I18nProvider>
  );
}
