/** The form in which the system hands over what is shared: named in the manifest, read by the service worker. */
export const SHARE_ADDRESS = '/share';
export const SHARED_FILES = 'recordings';
