/** Accounts of journeys. */
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { button } from './takes.ts';

export const PASSWORD = 'a long enough secret';

/** A new account on the account's page. @returns its address */
export async function signUp(page: Page, name: string): Promise<string> {
  const email = `${name}-${Date.now()}@example.org`;
  await page.goto('/account');
  await button(page, 'New here? Create an account').click();
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await button(page, 'Create account').click();
  await expect(page.getByRole('heading', { name: email })).toBeVisible();
  return email;
}
