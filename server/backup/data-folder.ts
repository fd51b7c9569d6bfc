/** What lies in DATA_DIR, as far as a backup has to know. */

/** Locked by whoever uses the folder. */
export const DATABASE = 'database';
/** Made by a restore, until everything was checked. */
export const RESTORING = '.restoring';
/** What was there before a restore that replaced it, and when. */
export const ASIDE = '.before-';
