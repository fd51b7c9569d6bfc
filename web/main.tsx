/** The only file that sees every floor: opens the service and mounts the page. */
import { render } from 'solid-js/web';
import { toAppError } from '../shared/errors.ts';
import { createBrowserApiClient } from './api/browser-client.ts';
import { createBrowserService } from './jobs/browser-service.ts';
import { createBrowserVoiceStudio } from './jobs/voices/voice-studio.ts';
import { beginAnewWhereAPieceIsMissing } from './missing-piece.ts';
import { createPageUpdates } from './page-updates.ts';
import { App } from './pages/app.tsx';

const root = document.getElementById('app');
if (root) {
  try {
    const api = createBrowserApiClient();
    const service = await createBrowserService(api);
    const whenNothingRecords = (): Promise<void> => service.takes.whenNothingRecords();
    const updates = createPageUpdates(whenNothingRecords);
    beginAnewWhereAPieceIsMissing({
      page: window, memory: sessionStorage, nowMs: Date.now, isThere: async () => (await fetch('/health', { cache: 'no-store' })).ok, whenNothingRecords, reload: () => location.reload(),
    });
    const voices = createBrowserVoiceStudio(api);
    render(() => <App service={service} takes={service.takes} api={api} sync={service.sync} voices={voices} updates={updates} />, root);
    // Nothing that is looked at first waits for it.
    setTimeout(() => void api.start());
  } catch (thrown) {
    root.textContent = toAppError(thrown).message;
  }
}
