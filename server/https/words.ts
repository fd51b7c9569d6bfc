/** What the trust page and the terminal say, in both languages. */
export const en = {
  title: 'Tonetwin on this phone',
  intro: 'Once, this phone has to trust the certificate of the computer that serves Tonetwin. Then it opens safely, can be installed, works offline and may use the microphone.',
  step1: '1. Get the certificate',
  download: 'Download the certificate',
  compare: 'Its SHA-256 fingerprint is shown on the computer too. They must be the same:',
  step2: '2. Trust it',
  ios: 'iPhone and iPad',
  iosSteps: [
    'Open this page in Safari, tap “Download the certificate” and then “Allow”.',
    'Settings > General > VPN & Device Management > {name} > Install.',
    'Settings > General > About > Certificate Trust Settings: switch on {name}.',
  ],
  android: 'Android',
  androidSteps: [
    'Tap “Download the certificate”.',
    'Settings > Security & privacy > More security settings > Encryption & credentials > Install a certificate > CA certificate > Install anyway. (Or search the settings for “CA certificate”.)',
    'Choose the file tonetwin-authority.crt.',
  ],
  androidNote: 'Android then says that the network may be monitored. This certificate can only vouch for addresses of local networks, never for sites of the internet; its key stays on the computer.',
  step3: '3. Open Tonetwin',
  open: 'Open Tonetwin',
  install: 'Then install it: “Add to Home Screen” in the share menu (iPhone), “Install app” in the browser’s menu (Android).',
  waiting: 'Not trusted yet: this turns green when it is.',
  trusted: 'Trusted. You can open Tonetwin.',
  remove: 'To undo it, remove the certificate in the same settings.',
  other: '中文',
  ready: 'Tonetwin is ready on the local network: {address}',
  scan: 'On a phone in the same network, scan this or open {helper}',
  terminal: ['and follow the steps there, once:', '  iPhone, iPad  download the certificate; Settings > General > VPN & Device Management > {name} > Install;', '                then General > About > Certificate Trust Settings: switch it on.', '  Android       download the certificate; Settings > Security & privacy > Encryption & credentials >', '                Install a certificate > CA certificate: choose it.'],
  here: 'On this computer: {local} (trust the same certificate here, or use plain npm start)',
  print: 'Fingerprint of the certificate (SHA-256): {fingerprint}',
  kept: 'The authority is kept in {folder}. Its key never leaves this computer and vouches for local addresses only.',
  alone: 'No local network was found: only this computer can open Tonetwin. Connect to one; it is noticed within a minute.',
  changed: 'The address changed: {address}',
} as const;

type Words = { readonly [K in keyof typeof en]: (typeof en)[K] extends string ? string : readonly string[] };

export const zh: Words = {
  title: '在这部手机上使用 Tonetwin',
  intro: '这部手机需要信任运行 Tonetwin 的电脑的证书，只需一次。之后即可安全打开、安装、离线使用并使用麦克风。',
  step1: '1. 获取证书',
  download: '下载证书',
  compare: '电脑上也显示了它的 SHA-256 指纹，两者必须相同：',
  step2: '2. 信任证书',
  ios: 'iPhone 和 iPad',
  iosSteps: ['在 Safari 中打开本页，点“下载证书”，再点“允许”。', '设置 > 通用 > VPN 与设备管理 > {name} > 安装。', '设置 > 通用 > 关于本机 > 证书信任设置：打开 {name}。'],
  android: 'Android',
  androidSteps: ['点“下载证书”。', '设置 > 安全和隐私 > 更多安全设置 > 加密与凭据 > 安装证书 > CA 证书 > 仍然安装。（或在设置中搜索“CA 证书”。）', '选择文件 tonetwin-authority.crt。'],
  androidNote: '之后 Android 会提示网络可能受到监控。这个证书只能为局域网地址作证，不能用于互联网上的网站；它的私钥只保存在电脑上。',
  step3: '3. 打开 Tonetwin',
  open: '打开 Tonetwin',
  install: '然后安装：iPhone 在分享菜单中选“添加到主屏幕”，Android 在浏览器菜单中选“安装应用”。',
  waiting: '尚未信任：信任之后这里会变绿。',
  trusted: '已信任，可以打开 Tonetwin。',
  remove: '若要撤销，在同样的设置中移除证书即可。',
  other: 'English',
  ready: 'Tonetwin 已在局域网就绪：{address}',
  scan: '用同一网络中的手机扫描下面的二维码，或打开 {helper}',
  terminal: ['并按那里的步骤操作，只需一次：', '  iPhone、iPad  下载证书；设置 > 通用 > VPN 与设备管理 > {name} > 安装；', '                再到 通用 > 关于本机 > 证书信任设置 中打开它。', '  Android       下载证书；设置 > 安全和隐私 > 加密与凭据 > 安装证书 > CA 证书：选择它。'],
  here: '在这台电脑上：{local}（也需信任同一证书，或直接使用 npm start）',
  print: '证书指纹（SHA-256）：{fingerprint}',
  kept: '证书颁发机构保存在 {folder}。它的私钥不会离开这台电脑，且只能为局域网地址作证。',
  alone: '没有找到局域网：只有这台电脑能打开 Tonetwin。请连接网络，一分钟内会自动识别。',
  changed: '地址已改变：{address}',
};

export type { Words };

export const wordsFor = (language: string): Words => (/^zh\b|^zh[_-]/i.test(language) ? zh : en);

/** Fills `{name}` places. */
export const filled = (sentence: string, places: Readonly<Record<string, string>>): string => sentence.replace(/\{(\w+)\}/g, (_, name: string) => places[name] ?? '');
