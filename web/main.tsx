/** The only file that sees every floor: opens the service and mounts the page. */
import { render } from 'solid-js/web';
import { toAppError } from '../shared/errors.ts';
import { createBrowserService } from './jobs/browser-service.ts';
import { createPageUpdates } from './page-updates.ts';
import { App } from './pages/app.tsx';

const root = document.getElementById('app');
if (root) {
  try {
    const service = await createBrowserService();
    const updates = createPageUpdates(() => service.takes.whenNothingRecords());
    render(() => <App service={service} takes={service.takes} updates={updates} />, root);
  } catch (thrown) {
    root.textContent = toAppError(thrown).message;
  }
}
