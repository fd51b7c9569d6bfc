import { expect, test } from '@playwright/test';
import { PASSWORD, signUp } from './people.ts';
import { button } from './takes.ts';

const PORT = process.env['TEST_PORT'] ?? '8788';
// Passkeys belong to names, and an address is none.
test.use({ baseURL: `http://localhost:${PORT}` });

test('a page that is opened by an address, which can have none, offers none', async ({ page }) => {
  await page.goto(`http://127.0.0.1:${PORT}/account`);
  await expect(button(page, 'Sign in')).toBeVisible();
  await expect(button(page, 'Use a passkey')).toHaveCount(0);
});

test('a passkey is added, signs in without an address or a password, is renamed, and signs in no more once it is removed', async ({ page }) => {
  // A device with a fingerprint reader, as Chromium plays it.
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  const email = await signUp(page, 'passkey');
  const card = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Signing in' }) });
  await expect(card.getByRole('listitem')).toHaveCount(0);
  await button(page, 'Add a passkey').click();
  const passkey = card.getByRole('listitem');
  await expect(passkey).toContainText('Chrome, Linux');
  await expect(passkey).toContainText('Added');
  expect((await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);

  // The same device is not added twice.
  await button(page, 'Add a passkey').click();
  await expect(card.getByRole('alert')).toBeVisible();
  await expect(passkey).toHaveCount(1);

  await button(page, 'Sign out').click();
  await button(page, 'Use a passkey').click();
  await expect(page.getByRole('heading', { name: email })).toBeVisible();
  await expect(passkey).toContainText('Last used');

  await card.getByRole('button', { name: /^Rename / }).click();
  await page.getByLabel('Name of the passkey').fill('Laptop in the kitchen');
  await page.keyboard.press('Enter');
  await expect(passkey).toContainText('Laptop in the kitchen');
  await expect(button(page, 'Rename Laptop in the kitchen')).toBeFocused();
  await page.reload();
  await expect(passkey).toContainText('Laptop in the kitchen');

  await button(page, 'Remove Laptop in the kitchen').click();
  await expect(card.getByRole('listitem')).toHaveCount(0);
  await button(page, 'Sign out').click();
  await button(page, 'Use a passkey').click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await button(page, 'Sign in').click();
  await expect(page.getByRole('heading', { name: email })).toBeVisible();
});
