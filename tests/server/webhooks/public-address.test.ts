import { expect, test } from 'vitest';
import { isPublicAddress } from '../../../server/webhooks/public-address.ts';
import { wrongWebhookUrl } from '../../../server/webhooks/send-webhook.ts';

test.each([
  '127.0.0.1', '127.255.255.254', '0.0.0.0', '10.1.2.3', '100.64.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.192', '192.168.1.1', '198.18.0.1', '203.0.113.9', '224.0.0.1', '255.255.255.255',
  '::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1', 'localhost', '',
])('%s is no public address', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['1.1.1.1', '8.8.8.8', '93.184.216.34', '172.15.255.255', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450:4001::200e'])('%s is a public address', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  'http://example.org/', 'ftp://example.org/', 'no address', 'https://user:pass@example.org/', 'https://localhost/', 'https://localhost./', 'https://intranet/', 'https://127.0.0.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/',
  'https://[::1]/', 'https://[::ffff:169.254.169.254]/', 'https://169.254.169.254/latest/meta-data/', 'https://192.168.1.1:8443/', 'file:///etc/passwd', 'https://１２７.0.0.1/',
])('%s cannot be a webhook', (url) => {
  expect(wrongWebhookUrl(url)).not.toBeNull();
});

test.each(['https://example.org/hook?x=1', 'https://example.org:8443/', 'https://1.1.1.1/', 'https://[2606:4700:4700::1111]/'])('%s can be a webhook', (url) => {
  expect(wrongWebhookUrl(url)).toBeNull();
});
